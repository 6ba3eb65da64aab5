namespace Belljar.Manifest;

/// <param name="Path">The key's full path: <c>mail.smtp.idle</c>.</param>
/// <param name="Value">As written, or the default; a secret is masked.</param>
/// <param name="Source">The position where it was written, or <see cref="SettingsTrace.Default"/>.</param>
public sealed record EffectiveSetting(string Path, string Value, string Source);

/// <summary>Notes every value that readers read: the effective configuration, with where each value comes from.</summary>
public sealed class SettingsTrace
{
    public const string Default = "default";
    public const string Masked = "********";

    private readonly List<EffectiveSetting> _settings = [];

    public IReadOnlyList<EffectiveSetting> Settings => _settings;

    internal void Add(string path, string value, string source) => _settings.Add(new EffectiveSetting(path, value, source));

    internal static string Format<T>(T value) => value switch
    {
        bool flag => flag ? "true" : "false",
        TimeSpan span => Duration.Format(span),
        Enum word => word.ToString().ToLowerInvariant(),
        null => "",
        _ => value.ToString() ?? "",
    };
}
