namespace Belljar.Manifest;

/// <summary>Types of text.</summary>
public static class Text
{
    /// <summary>Any text, empty too.</summary>
    public static readonly SettingsType<string> Any = Matching("text", _ => true);

    public static readonly SettingsType<string> NonEmpty = Matching("text that is not empty", text => !string.IsNullOrWhiteSpace(text));

    /// <summary>Text without line breaks or other control characters.</summary>
    public static readonly SettingsType<string> OneLine = Matching(
        "one line of text that is not empty", text => !string.IsNullOrWhiteSpace(text) && !text.Any(char.IsControl));

    /// <summary>As <see cref="NonEmpty"/>; it is not shown in messages.</summary>
    public static readonly SettingsType<string> Secret = new("text that is not empty", "", TrySecret) { IsSecret = true };

    /// <summary>A path from the root of the file system, without <c>..</c>.</summary>
    public static readonly SettingsType<string> AbsolutePath = Matching(
        "a path that begins with / and has no '..' in it",
        text => text.StartsWith('/') && !text.Contains('\0') && !text.Split('/').Contains(".."));

    /// <param name="allowed">Completes "allowed: …".</param>
    /// <param name="isAllowed">Whether a text will do.</param>
    public static SettingsType<string> Matching(string allowed, Predicate<string> isAllowed) => new(
        allowed,
        standIn: "",
        (string text, out string value) =>
        {
            value = text;
            return isAllowed(text);
        });

    private static bool TrySecret(string text, out string value)
    {
        value = text;
        return !string.IsNullOrWhiteSpace(text);
    }
}
