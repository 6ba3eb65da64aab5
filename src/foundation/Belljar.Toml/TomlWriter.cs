using System.Globalization;
using System.Text;

namespace Belljar.Toml;

/// <summary>
/// Writes a tree as TOML 1.0, the same tree always as the same bytes. Keys stand in the order given, except that TOML wants
/// a table's plain values before its sub-tables. Strings are basic strings on one line; control, bidirectional and invisible
/// characters are escaped, so that nothing in a value can disguise the text around it.
/// </summary>
public static class TomlWriter
{
    public static byte[] WriteUtf8(TomlTable root) => Encoding.UTF8.GetBytes(Write(root));

    public static string Write(TomlTable root)
    {
        var text = new StringBuilder();
        WriteTable(text, root, "");
        return text.ToString();
    }

    /// <summary>Half of a surrogate pair becomes U+FFFD: TOML has no way to write it.</summary>
    internal static void AppendEscaped(StringBuilder text, string value)
    {
        foreach (var rune in value.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append(@"\\"),
                '\b' => text.Append("\\b"),
                '\t' => text.Append("\\t"),
                '\n' => text.Append("\\n"),
                '\f' => text.Append("\\f"),
                '\r' => text.Append("\\r"),
                <= 0xFFFF when IsUnseen(rune) => text.Append("\\u").Append(rune.Value.ToString("X4", CultureInfo.InvariantCulture)),
                _ when IsUnseen(rune) => text.Append("\\U").Append(rune.Value.ToString("X8", CultureInfo.InvariantCulture)),
                _ => text.Append(rune.ToString()),
            };
        }
    }

    private static void WriteTable(StringBuilder text, TomlTable table, string path)
    {
        foreach (var (key, value) in table)
        {
            if (!HasHeader(value))
            {
                text.Append(Key(key)).Append(" = ");
                AppendValue(text, value);
                text.Append('\n');
            }
        }

        foreach (var (key, value) in table)
        {
            var name = path.Length == 0 ? Key(key) : $"{path}.{Key(key)}";
            if (value is TomlTable child)
            {
                WriteHeader(text, $"[{name}]");
                WriteTable(text, child, name);
            }
            else if (value is TomlArray array && HasHeader(array))
            {
                foreach (var item in array)
                {
                    WriteHeader(text, $"[[{name}]]");
                    WriteTable(text, (TomlTable)item, name);
                }
            }
        }
    }

    private static void WriteHeader(StringBuilder text, string header)
    {
        if (text.Length > 0)
        {
            text.Append('\n');
        }

        text.Append(header).Append('\n');
    }

    private static bool HasHeader(TomlValue value) =>
        value is TomlTable || (value is TomlArray { Count: > 0 } array && array.All(item => item is TomlTable));

    private static string Key(string key)
    {
        if (key.Length > 0 && key.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
        {
            return key;
        }

        var text = new StringBuilder("\"");
        AppendEscaped(text, key);
        return text.Append('"').ToString();
    }

    private static void AppendValue(StringBuilder text, TomlValue value)
    {
        switch (value)
        {
            case TomlString s:
                text.Append('"');
                AppendEscaped(text, s.Value);
                text.Append('"');
                break;
            case TomlArray array:
                AppendItems(text, '[', array, AppendValue, ']');
                break;
            case TomlTable table:
                AppendItems(text, '{', table, AppendPair, '}');
                break;
            default:
                text.Append(Scalar(value));
                break;
        }
    }

    private static void AppendPair(StringBuilder text, KeyValuePair<string, TomlValue> pair)
    {
        text.Append(Key(pair.Key)).Append(" = ");
        AppendValue(text, pair.Value);
    }

    private static void AppendItems<T>(StringBuilder text, char open, IEnumerable<T> items, Action<StringBuilder, T> append, char close)
    {
        text.Append(open);
        var first = true;
        foreach (var item in items)
        {
            text.Append(first ? "" : ", ");
            append(text, item);
            first = false;
        }

        text.Append(close);
    }

    private static string Scalar(TomlValue value) => value switch
    {
        TomlInteger i => i.Value.ToString(CultureInfo.InvariantCulture),
        TomlBoolean b => b.Value ? "true" : "false",
        TomlFloat f => Float(f.Value),
        TomlOffsetDateTime { Value.Offset.Ticks: 0 } utc => utc.Value.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture),
        TomlOffsetDateTime t => t.Value.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz", CultureInfo.InvariantCulture),
        TomlLocalDateTime t => t.Value.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture),
        TomlLocalDate d => d.Value.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        TomlLocalTime t => t.Value.ToString("HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture),
        _ => throw new InvalidOperationException($"A {value.Kind} is no scalar."),
    };

    private static string Float(double value)
    {
        if (!double.IsFinite(value))
        {
            return double.IsNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
        }

        var text = value.ToString("R", CultureInfo.InvariantCulture);
        return text.AsSpan().ContainsAny('.', 'E') ? text : text + ".0";
    }

    /// <summary>Characters that show nothing or change how their neighbours show: controls, bidi marks, zero-width, line separators.</summary>
    private static bool IsUnseen(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => true,
        _ => rune.Value is 0x034F or 0x115F or 0x1160 or 0x3164 or 0xFFA0 or 0x180B or 0x180C or 0x180D or 0x180F,
    };
}
