using System.Diagnostics.CodeAnalysis;

namespace Belljar.Toml;

/// <summary>Values: which kind the first byte announces, arrays and inline tables.</summary>
internal ref partial struct TomlParser
{
    /// <param name="depth">The level at which the value would stand, if it has levels of its own.</param>
    private bool ReadValue(int depth, [NotNullWhen(true)] out TomlValue? value)
    {
        value = null;
        var start = _at;
        var position = _lines.Find(start);
        var read = Current switch
        {
            (byte)'"' or (byte)'\'' => ReadString(out var text) && Set(out value, new TomlString(text)),
            (byte)'[' => ReadArray(depth, out value),
            (byte)'{' => ReadInlineTable(depth, out value),
            (byte)'t' => ReadWord("true"u8) && Set(out value, new TomlBoolean(true)),
            (byte)'f' => ReadWord("false"u8) && Set(out value, new TomlBoolean(false)),
            _ => ReadNumberOrDate(out value),
        };
        if (!read || value is null)
        {
            return false;
        }

        value.Position = position;
        return true;
    }

    private static bool Set(out TomlValue? slot, TomlValue value)
    {
        slot = value;
        return true;
    }

    private bool ReadWord(ReadOnlySpan<byte> word)
    {
        if (!_bytes[_at..].StartsWith(word))
        {
            return FailHere("expected a value");
        }

        _at += word.Length;
        return true;
    }

    private bool ReadArray(int depth, out TomlValue? value)
    {
        value = null;
        if (!CheckDepth(depth, _at))
        {
            return false;
        }

        _at++;
        var array = new TomlArray();
        while (true)
        {
            if (!SkipBlank())
            {
                return false;
            }

            if (Current == ']')
            {
                break;
            }

            if (!ReadValue(depth + 1, out var item))
            {
                return false;
            }

            array.Add(item);
            if (!SkipBlank())
            {
                return false;
            }

            if (Current == ',')
            {
                _at++;
            }
            else if (Current != ']')
            {
                return FailHere("expected ',' or ']' in the array");
            }
        }

        _at++;
        return Set(out value, array);
    }

    /// <summary>On one line, without a comma behind the last pair, as 1.0 has it.</summary>
    private bool ReadInlineTable(int depth, out TomlValue? value)
    {
        value = null;
        if (!CheckDepth(depth, _at))
        {
            return false;
        }

        _at++;
        var table = new TomlTable();
        SkipSpaces();
        while (Current != '}' || table.Count > 0)
        {
            if (!ReadPair(table, depth))
            {
                return false;
            }

            SkipSpaces();
            if (Current == '}')
            {
                break;
            }

            if (Current != ',')
            {
                return FailHere("expected ',' or '}' in the inline table");
            }

            _at++;
        }

        _at++;
        table.Origin = TableOrigin.Inline;
        return Set(out value, table);
    }
}
