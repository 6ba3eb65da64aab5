using System.Globalization;

namespace Belljar.Manifest;

/// <summary>
/// Lays single values over a tree: <c>BELLJAR__MAIL__SMTP__PORT=2525</c>, <c>--set mail.smtp.port=2525</c>. A number names
/// a place in a list: an existing one, or the next one. The tree that comes back is new; its positions name the variable
/// or flag.
/// </summary>
public static class SettingsOverlay
{
    public const string Prefix = "BELLJAR__";

    private const int MostTokens = 16;
    private const int LongestValue = 64 * 1024;

    /// <param name="root">What the file said; a missing file is <see cref="SettingsMapping.Empty"/>.</param>
    /// <param name="variables">The environment; whatever does not begin with <see cref="Prefix"/> is somebody else's.</param>
    /// <param name="errors">Where mistakes go.</param>
    public static SettingsNode Environment(SettingsNode root, IReadOnlyDictionary<string, string> variables, SettingsErrors errors)
    {
        foreach (var (name, value) in variables.Where(pair => pair.Key.StartsWith(Prefix, StringComparison.Ordinal))
            .OrderBy(pair => NumbersByValue(pair.Key), StringComparer.Ordinal))
        {
            var tokens = name[Prefix.Length..].ToLowerInvariant().Split("__");
            root = Set(root, tokens, value, Position.Of($"environment {Shown.Line(name)}"), isLoose: true, errors);
        }

        return root;
    }

    /// <param name="flags">Pairs of key path and value, in the order given: <c>("mail.smtp.port", "2525")</c>.</param>
    public static SettingsNode Flags(SettingsNode root, IEnumerable<KeyValuePair<string, string>> flags, SettingsErrors errors)
    {
        foreach (var (path, value) in flags)
        {
            root = Set(root, path.Split('.'), value, Position.Of($"flag {Shown.Line(path)}"), isLoose: false, errors);
        }

        return root;
    }

    private static SettingsNode Set(SettingsNode root, string[] tokens, string value, Position at, bool isLoose, SettingsErrors errors)
    {
        var form = isLoose ? "BELLJAR__SECTION__KEY" : "section.key";
        if (tokens.Length > MostTokens || Array.Exists(tokens, string.IsNullOrEmpty) || value.Length > LongestValue)
        {
            errors.Add(new SettingsError(at, "", value.Length > LongestValue ? "more than 64 KiB" : "a name of another form", form));
            return root;
        }

        var leaf = new SettingsScalar(at, value, IsPlain: false);
        return With(root, tokens, leaf, isLoose, errors) ?? root;
    }

    /// <returns>Null after a mistake.</returns>
    private static SettingsNode? With(SettingsNode? node, ReadOnlySpan<string> tokens, SettingsScalar leaf, bool isLoose, SettingsErrors errors)
    {
        if (tokens.IsEmpty)
        {
            return leaf;
        }

        var isIndex = int.TryParse(tokens[0], NumberStyles.None, CultureInfo.InvariantCulture, out var index);
        switch (node)
        {
            case null or SettingsScalar { IsNull: true }:
                return isIndex && index == 0
                    ? Item(new SettingsSequence(leaf.Position, []), 0, tokens, leaf, isLoose, errors)
                    : Entry(SettingsMapping.Empty(leaf.Position), tokens, leaf, isLoose, errors);
            case SettingsMapping mapping:
                return Entry(mapping, tokens, leaf, isLoose, errors);
            case SettingsSequence list when isIndex && index <= list.Items.Count:
                return Item(list, index, tokens, leaf, isLoose, errors);
            case SettingsSequence list:
                errors.Add(new SettingsError(leaf.Position, "", Shown.Quoted(tokens[0]), $"a place in the list, from 0 to {list.Items.Count}"));
                return null;
            default:
                errors.Add(new SettingsError(leaf.Position, "", $"a key below a single value ({node.Position})", "a key of a section"));
                return null;
        }
    }

    private static SettingsSequence? Item(
        SettingsSequence list, int index, ReadOnlySpan<string> tokens, SettingsScalar leaf, bool isLoose, SettingsErrors errors)
    {
        if (With(list.Items.ElementAtOrDefault(index), tokens[1..], leaf, isLoose, errors) is not { } item)
        {
            return null;
        }

        return list with { Items = [.. list.Items.Take(index), item, .. list.Items.Skip(index + 1)] };
    }

    private static SettingsMapping? Entry(
        SettingsMapping section, ReadOnlySpan<string> tokens, SettingsScalar leaf, bool isLoose, SettingsErrors errors)
    {
        var wanted = new SettingsEntry(tokens[0], leaf.Position, leaf, isLoose);
        var index = section.Entries.ToList().FindIndex(entry => wanted.IsCalled(entry.Key));
        var existing = index < 0 ? null : section.Entries[index];
        if (With(existing?.Value, tokens[1..], leaf, isLoose, errors) is not { } value)
        {
            return null;
        }

        return index < 0
            ? section with { Entries = [.. section.Entries, wanted with { Value = value }] }
            : section with { Entries = [.. section.Entries.Take(index), existing! with { Value = value }, .. section.Entries.Skip(index + 1)] };
    }

    /// <summary><c>…__2</c> comes before <c>…__10</c>, so that a list grows in order.</summary>
    private static string NumbersByValue(string name)
        => string.Join("__", name.Split("__").Select(token => token.All(char.IsAsciiDigit) ? token.PadLeft(10, '0') : token));
}
