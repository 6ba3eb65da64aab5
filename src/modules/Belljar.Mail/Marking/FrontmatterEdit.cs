using System.Text;
using Belljar.Mail.Reading;
using Belljar.Toml;

namespace Belljar.Mail.Marking;

/// <summary>
/// Changes single fields of a message's file. Everything else stays as it is to the byte: the body, other fields, comments
/// that somebody wrote between them.
/// </summary>
internal static class FrontmatterEdit
{
    /// <param name="changes">What each key is to be; null removes it.</param>
    /// <returns>Null when the file has no frontmatter that can be understood.</returns>
    public static byte[]? Apply(ReadOnlySpan<byte> file, params IReadOnlyList<(string Key, TomlValue? Value)> changes)
    {
        if (!FrontmatterText.TryFind(file, out var range, out _) || !TomlDocument.TryParse(file[range], out var fields, out _))
        {
            return null;
        }

        var text = Encoding.UTF8.GetString(file[range]);
        foreach (var (key, value) in changes)
        {
            if (value is null)
            {
                fields.Remove(key);
            }
            else
            {
                fields[key] = value;
            }

            text = WithLine(text, key, value);
        }

        // Lines are a guess: somebody may have written a value over several of them, or this line within a string.
        if (!TomlDocument.TryParse(text, out var edited, out _) || !IsSame(edited, fields))
        {
            text = TomlWriter.Write(fields);
        }

        return [.. file[..range.Start.Value], .. Encoding.UTF8.GetBytes(text), .. file[range.End.Value..]];
    }

    /// <summary>The key's own line is replaced; a new key goes before the first table, where the root's keys end.</summary>
    private static string WithLine(string text, string key, TomlValue? value)
    {
        var lines = text.Split('\n').ToList();
        var at = lines.FindIndex(line => IsLineOf(line, key));
        var table = lines.FindIndex(line => line.StartsWith('['));
        if (at >= 0 && (table < 0 || at < table))
        {
            lines.RemoveAt(at);
        }
        else
        {
            at = table >= 0 ? table : lines.Count - 1;
        }

        if (value is not null)
        {
            lines.Insert(at, TomlWriter.Write(Alone(key, value)).TrimEnd('\n'));
        }

        return string.Join('\n', lines);
    }

    private static bool IsLineOf(string line, string key)
        => line.StartsWith(key, StringComparison.Ordinal) && line.AsSpan(key.Length).TrimStart(" \t") is ['=', ..];

    private static bool IsSame(TomlTable one, TomlTable other)
        => one.Count == other.Count
        && one.All(entry => other[entry.Key] is { } value && TomlWriter.Write(Alone(entry.Key, entry.Value)) == TomlWriter.Write(Alone(entry.Key, value)));

    private static TomlTable Alone(string key, TomlValue value)
    {
        var table = new TomlTable();
        table.Add(key, value);
        return table;
    }
}
