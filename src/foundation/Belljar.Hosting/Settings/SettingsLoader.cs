using Belljar.Contracts;
using Belljar.Manifest;

namespace Belljar.Hosting.Settings;

/// <summary>Reads the configuration: one file, then <c>BELLJAR__SECTION__KEY</c>, then flags; every section, every mistake at once.</summary>
public sealed class SettingsLoader(Registry<SettingsSection> sections)
{
    /// <param name="file">A path; a file that does not exist is an empty one.</param>
    /// <param name="environment">All variables of the process.</param>
    /// <param name="flags">Pairs of key path and value: <c>("mail.smtp.listen", "…")</c>.</param>
    /// <param name="errors">Where mistakes go.</param>
    /// <param name="trace">Where the effective values are noted.</param>
    /// <returns>Null when there is a mistake.</returns>
    public SettingsSet? Load(
        string file,
        IReadOnlyDictionary<string, string> environment,
        IEnumerable<KeyValuePair<string, string>> flags,
        SettingsErrors errors,
        SettingsTrace? trace = null)
    {
        var root = File.Exists(file) ? Yaml.Load(file, errors) : SettingsMapping.Empty(Position.Of(file));
        if (root is null)
        {
            return null;
        }

        root = SettingsOverlay.Environment(root, environment, errors);
        root = SettingsOverlay.Flags(root, flags, errors);
        return Read(root, errors, trace);
    }

    private SettingsSet? Read(SettingsNode root, SettingsErrors errors, SettingsTrace? trace)
    {
        var reader = new SettingsReader(root, "", errors, trace);
        var values = new Dictionary<SettingsSection, SectionValue>();
        foreach (var section in sections)
        {
            var text = reader.Node(section.Name)?.ToText() ?? "";
            values[section] = new SectionValue(section.ReadUntyped(reader.Section(section.Name)), text);
        }

        reader.End();
        return errors.Any ? null : new SettingsSet(values);
    }

    /// <exception cref="OperatorException">There are mistakes; the message lists them all.</exception>
    public SettingsSet LoadOrExplain(string file, IReadOnlyDictionary<string, string> environment, IEnumerable<KeyValuePair<string, string>> flags)
    {
        var errors = new SettingsErrors();
        return Load(file, environment, flags, errors) ?? throw new OperatorException(Explain(errors));
    }

    public static string Explain(SettingsErrors errors)
    {
        var count = errors.Count + errors.Dropped;
        return $"the configuration has {(count == 1 ? "a mistake" : $"{count} mistakes")}:\n{errors}";
    }
}
