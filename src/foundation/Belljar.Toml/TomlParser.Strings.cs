using System.Text;

namespace Belljar.Toml;

/// <summary>The four kinds of string.</summary>
internal ref partial struct TomlParser
{
    private bool ReadString(out string value)
    {
        var quote = Current;
        if (_at + 2 < _bytes.Length && _bytes[_at + 1] == quote && _bytes[_at + 2] == quote)
        {
            return ReadMultiLine(quote, out value);
        }

        return quote == '"' ? ReadBasicString(out value) : ReadLiteralString(out value);
    }

    private bool ReadLiteralString(out string value)
    {
        var start = ++_at;
        while (Current != '\'')
        {
            if (AtEnd || IsControl(Current))
            {
                value = "";
                return FailHere(AtEnd || Current is (byte)'\n' or (byte)'\r' ? "expected \"'\" at the end of the string" : "control character in a string");
            }

            _at++;
        }

        value = Encoding.UTF8.GetString(_bytes[start.._at]);
        _at++;
        return true;
    }

    private bool ReadBasicString(out string value)
    {
        var start = ++_at;
        StringBuilder? unescaped = null;
        value = "";
        while (Current != '"')
        {
            if (AtEnd || IsControl(Current))
            {
                return FailHere(AtEnd || Current is (byte)'\n' or (byte)'\r' ? "expected '\"' at the end of the string" : "control character in a string");
            }

            if (Current != '\\')
            {
                _at++;
                continue;
            }

            unescaped ??= new StringBuilder();
            unescaped.Append(Encoding.UTF8.GetString(_bytes[start.._at]));
            if (!ReadEscape(unescaped))
            {
                return false;
            }

            start = _at;
        }

        var rest = Encoding.UTF8.GetString(_bytes[start.._at]);
        value = unescaped is null ? rest : unescaped.Append(rest).ToString();
        _at++;
        return true;
    }

    private bool ReadMultiLine(byte quote, out string value)
    {
        value = "";
        _at += 3;
        _at += Current == '\n' ? 1 : IsCrLf(_at) ? 2 : 0;
        var text = new StringBuilder();
        var start = _at;
        while (!AtEnd)
        {
            if (Current == quote && CountQuotes(quote) is >= 3 and var quotes)
            {
                // Up to two quotes may stand directly before the closing three.
                var content = Math.Min(quotes, 5) - 3;
                text.Append(Encoding.UTF8.GetString(_bytes[start..(_at + content)]));
                _at += content + 3;
                value = text.ToString();
                return true;
            }

            if (Current == '\\' && quote == '"')
            {
                text.Append(Encoding.UTF8.GetString(_bytes[start.._at]));
                if (!(SkipLineEndingBackslash() || ReadEscape(text)))
                {
                    return false;
                }

                start = _at;
            }
            else if (Current == '\n' || !IsControl(Current))
            {
                _at++;
            }
            else if (IsCrLf(_at))
            {
                _at += 2;
            }
            else
            {
                return FailHere("control character in a string");
            }
        }

        return FailHere("the string has no end");
    }

    private readonly int CountQuotes(byte quote)
    {
        var run = _bytes[_at..].IndexOfAnyExcept(quote);
        return run < 0 ? _bytes.Length - _at : run;
    }

    /// <summary>A backslash as the last visible character of a line swallows all white space up to the next visible one.</summary>
    private bool SkipLineEndingBackslash()
    {
        var at = _at + 1;
        var sawNewline = false;
        for (; at < _bytes.Length; at++)
        {
            if (_bytes[at] == '\n' || IsCrLf(at))
            {
                sawNewline = true;
                at += _bytes[at] == '\n' ? 0 : 1;
            }
            else if (_bytes[at] is not ((byte)' ' or (byte)'\t'))
            {
                break;
            }
        }

        _at = sawNewline ? at : _at;
        return sawNewline;
    }

    private bool ReadEscape(StringBuilder text)
    {
        var start = _at++;
        var plain = Current switch
        {
            (byte)'b' => '\b',
            (byte)'t' => '\t',
            (byte)'n' => '\n',
            (byte)'f' => '\f',
            (byte)'r' => '\r',
            (byte)'"' => '"',
            (byte)'\\' => '\\',
            _ => '\0',
        };
        if (plain != '\0')
        {
            _at++;
            text.Append(plain);
            return true;
        }

        var digits = Current switch { (byte)'u' => 4, (byte)'U' => 8, _ => 0 };
        if (digits == 0 || AtEnd)
        {
            return Fail(start, "unknown escape in a string");
        }

        _at++;
        var scalar = 0u;
        for (var i = 0; i < digits; i++, _at++)
        {
            if (!char.IsAsciiHexDigit((char)Current))
            {
                return Fail(start, $"expected {digits} hexadecimal digits in the escape");
            }

            scalar = (scalar << 4) | (uint)Convert.ToInt32(((char)Current).ToString(), 16);
        }

        if (!Rune.TryCreate(scalar, out var rune))
        {
            return Fail(start, "the escape is not a Unicode scalar value");
        }

        text.Append(rune.ToString());
        return true;
    }
}
