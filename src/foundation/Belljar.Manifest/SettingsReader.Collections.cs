namespace Belljar.Manifest;

/// <summary>One section of several that are told apart by name: <c>mailboxes: {agent: {…}}</c>.</summary>
public readonly record struct NamedSection(string Name, SettingsReader Section);

/// <summary>One value of several that are told apart by name.</summary>
public readonly record struct NamedValue<T>(string Name, T Value, Position Position);

/// <content>Lists, sections, and maps from names. All of them are bounded.</content>
public sealed partial class SettingsReader
{
    /// <summary>How long a list or map may be unless its reader says less.</summary>
    public const int LongestList = 1000;

    /// <summary>A list of values; empty when absent, which is a mistake if <paramref name="atLeast"/> says so.</summary>
    public IReadOnlyList<T> List<T>(string key, SettingsType<T> type, int atLeast = 0, int atMost = LongestList)
    {
        var path = PathOf(key);
        return [.. Items(key, $"a list of: {type.Allowed}", atLeast, atMost).Select((item, i) => Scalar(item, $"{path}[{i}]", type))];
    }

    /// <summary>The section below; empty when absent, so that its defaults apply and its required keys are missed.</summary>
    public SettingsReader Section(string key)
        => Child(Ask(key)?.Value ?? SettingsMapping.Empty(Position), PathOf(key));

    /// <summary>The section below; null when absent.</summary>
    public SettingsReader? OptionalSection(string key) => Ask(key) is { } entry ? Child(entry.Value, PathOf(key)) : null;

    /// <summary>A list of sections; empty when absent.</summary>
    public IReadOnlyList<SettingsReader> Sections(string key, int atLeast = 0, int atMost = LongestList)
    {
        var path = PathOf(key);
        return [.. Items(key, "a list of sections", atLeast, atMost).Select((item, i) => Child(item, $"{path}[{i}]"))];
    }

    /// <summary>Sections by name, in the order written; empty when absent.</summary>
    /// <param name="name">What a name may be.</param>
    public IReadOnlyList<NamedSection> NamedSections(string key, SettingsType<string> name, int atMost = LongestList)
    {
        var path = PathOf(key);
        return [.. Entries(key, name, atMost).Select(entry => new NamedSection(entry.Key, Child(entry.Value, $"{path}.{entry.Key}")))];
    }

    /// <summary>Values by name, in the order written; empty when absent.</summary>
    /// <param name="name">What a name may be.</param>
    public IReadOnlyList<NamedValue<T>> NamedValues<T>(string key, SettingsType<string> name, SettingsType<T> type, int atMost = LongestList)
    {
        var path = PathOf(key);
        return [.. Entries(key, name, atMost).Select(entry
            => new NamedValue<T>(entry.Key, Scalar(entry.Value, $"{path}.{entry.Key}", type), entry.Value.Position))];
    }

    private IReadOnlyList<SettingsNode> Items(string key, string allowed, int atLeast, int atMost)
    {
        var entry = Ask(key);
        if (entry?.Value is SettingsSequence list)
        {
            if (list.Items.Count >= atLeast && list.Items.Count <= atMost)
            {
                return list.Items;
            }

            Report(list.Position, PathOf(key), $"a list of {list.Items.Count}", $"from {atLeast} to {atMost} of them");
            return list.Items.Count > atMost ? [] : list.Items;
        }

        if (entry is not null)
        {
            Report(entry.Value.Position, PathOf(key), entry.Value.Describe(), allowed);
        }
        else if (atLeast > 0)
        {
            Missing(key, allowed);
        }

        return [];
    }

    private IEnumerable<SettingsEntry> Entries(string key, SettingsType<string> name, int atMost)
    {
        var entry = Ask(key);
        if (entry is null or { Value: SettingsScalar { IsNull: true } })
        {
            yield break;
        }

        if (entry.Value is not SettingsMapping map || map.Entries.Count > atMost)
        {
            Report(entry.Value.Position, PathOf(key), entry.Value.Describe(), $"a section of at most {atMost} names");
            yield break;
        }

        foreach (var item in map.Entries)
        {
            if (name.TryParse(item.Key, out var parsed))
            {
                yield return item with { Key = parsed };
            }
            else
            {
                Report(item.KeyPosition, PathOf(key), $"the name {Shown.Quoted(item.Key)}", name.Allowed);
            }
        }
    }

    private SettingsReader Child(SettingsNode node, string path)
    {
        var child = new SettingsReader(node, path, _errors, _trace);
        _children.Add(child);
        return child;
    }
}
