namespace Belljar.Hosting.Settings;

/// <summary>One section as read: its options, and its text, by which a change is noticed.</summary>
public readonly record struct SectionValue(object Options, string Text);

/// <summary>The effective configuration: every section, read and valid.</summary>
public sealed class SettingsSet
{
    private readonly IReadOnlyDictionary<SettingsSection, SectionValue> _values;

    internal SettingsSet(IReadOnlyDictionary<SettingsSection, SectionValue> values) => _values = values;

    /// <exception cref="KeyNotFoundException">The section is not in the catalogue: a bug.</exception>
    public T Get<T>(SettingsSection<T> section)
        where T : class => (T)_values[section].Options;

    /// <summary>The names of the sections whose text differs.</summary>
    public IReadOnlyList<string> ChangedSince(SettingsSet earlier) =>
        [.. _values.Where(pair => earlier._values.GetValueOrDefault(pair.Key).Text != pair.Value.Text).Select(pair => pair.Key.Name)];

    /// <summary>A set for tests and for commands that need one module alone.</summary>
    public static SettingsSet Of(params IEnumerable<(SettingsSection Section, object Options)> values) =>
        new(values.ToDictionary(pair => pair.Section, pair => new SectionValue(pair.Options, "")));
}
