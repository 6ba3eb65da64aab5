namespace Belljar.Manifest;

/// <summary>A yes or no. As in YAML 1.2, only the words <c>true</c> and <c>false</c>.</summary>
public static class Flag
{
    public static readonly SettingsType<bool> TrueOrFalse = Word.Of(("true", true), ("false", false));
}
