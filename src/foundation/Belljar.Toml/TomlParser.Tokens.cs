using System.Text;

namespace Belljar.Toml;

/// <summary>Keys, spaces, comments, line ends, and errors.</summary>
internal ref partial struct TomlParser
{
    /// <summary>Reads a simple or dotted key into <see cref="_key"/>, and the spaces around it.</summary>
    private bool ReadKey()
    {
        _key.Clear();
        while (true)
        {
            SkipSpaces();
            var start = _at;
            if (!ReadKeyPart(out var name))
            {
                return false;
            }

            _key.Add((name, start));
            SkipSpaces();
            if (Current != '.')
            {
                return true;
            }

            // A longer key would only be refused later, after it has cost its length in tables.
            if (!CheckDepth(_key.Count, start))
            {
                return false;
            }

            _at++;
        }
    }

    private bool ReadKeyPart(out string name)
    {
        switch (Current)
        {
            case (byte)'"':
                return ReadBasicString(out name);
            case (byte)'\'':
                return ReadLiteralString(out name);
        }

        var start = _at;
        while (char.IsAsciiLetterOrDigit((char)Current) || Current is (byte)'-' or (byte)'_')
        {
            _at++;
        }

        name = Encoding.ASCII.GetString(_bytes[start.._at]);
        return _at > start || FailHere("expected a key");
    }

    private void SkipSpaces()
    {
        while (Current is (byte)' ' or (byte)'\t')
        {
            _at++;
        }
    }

    /// <summary>Spaces, comments and line ends between the items of an array.</summary>
    private bool SkipBlank()
    {
        while (true)
        {
            SkipSpaces();
            switch (Current)
            {
                case (byte)'#' when !SkipComment():
                    return false;
                case (byte)'#':
                    break;
                case (byte)'\n':
                    _at++;
                    break;
                case (byte)'\r' when IsCrLf(_at):
                    _at += 2;
                    break;
                default:
                    return true;
            }
        }
    }

    private bool ReadEndOfLine()
    {
        SkipSpaces();
        if (Current == '#' && !SkipComment())
        {
            return false;
        }

        if (AtEnd)
        {
            return true;
        }

        if (Current != '\n' && !IsCrLf(_at))
        {
            return FailHere("expected the end of the line");
        }

        _at += Current == '\n' ? 1 : 2;
        return true;
    }

    /// <summary>Up to the line's end, exclusive.</summary>
    private bool SkipComment()
    {
        while (!AtEnd && Current != '\n' && !IsCrLf(_at))
        {
            if (IsControl(Current))
            {
                return FailHere("control character in a comment");
            }

            _at++;
        }

        return true;
    }

    private readonly bool IsCrLf(int at) => at + 1 < _bytes.Length && _bytes[at] == '\r' && _bytes[at + 1] == '\n';

    /// <summary>What strings and comments may not hold unescaped.</summary>
    private static bool IsControl(byte value) => value is < 0x20 and not (byte)'\t' or 0x7F;

    private bool CheckDepth(int depth, int at) =>
        depth <= _limits.Depth || Fail(at, $"nested deeper than {_limits.Depth} levels");

    private bool FailHere(string message) =>
        Fail(_at, AtEnd ? message + ", found the end of the document" : message);

    private bool Fail(int at, string message)
    {
        _error ??= new TomlError(message, new LineCounter(_bytes).Find(at));
        return false;
    }

    /// <summary>A key in a message: short, and nothing in it that could disturb a terminal or a log.</summary>
    private static string Shown(string name)
    {
        var text = new StringBuilder();
        TomlWriter.AppendEscaped(text, name.Length > 64 ? name[..64] + "…" : name);
        return text.ToString();
    }
}
