namespace Belljar.Mime.Headers;

/// <summary>Atoms, quoted strings, comments, and what stands in angle brackets.</summary>
internal ref partial struct AddressParser
{
    private const int LongestLiteral = 100;

    /// <summary>Everything up to a special or white space; dots and <c>@</c> included, and all of a domain literal.</summary>
    private byte[] ReadAtom()
    {
        var start = _at;
        if (_bytes[_at] == '[')
        {
            var close = _bytes.Slice(_at, Math.Min(LongestLiteral, _bytes.Length - _at)).IndexOfAny("],\n"u8);
            _at += close > 0 && _bytes[_at + close] == ']' ? close + 1 : 1;
        }

        while (_at < _bytes.Length && !" \t\r\n(\"<,:;["u8.Contains(_bytes[_at]))
        {
            _at++;
        }

        // A colon that starts no group, or a stray bracket, is taken as text.
        _at += _at == start ? 1 : 0;
        return _bytes[start.._at].ToArray();
    }

    /// <summary>Without the quotes and backslashes; folds become nothing but their white space.</summary>
    private byte[] ReadQuoted()
    {
        var text = new List<byte>();
        for (_at++; _at < _bytes.Length; _at++)
        {
            switch (_bytes[_at])
            {
                case (byte)'"':
                    _at++;
                    return [.. text];
                case (byte)'\\' when _at + 1 < _bytes.Length:
                    text.Add(_bytes[++_at]);
                    break;
                case (byte)'\r' or (byte)'\n':
                    break;
                default:
                    text.Add(_bytes[_at]);
                    break;
            }
        }

        _hasDefects = true;
        return [.. text];
    }

    /// <summary>Nested parentheses stay; counted, not recursed into.</summary>
    private string ReadComment()
    {
        var text = new List<byte>();
        var depth = 1;
        for (_at++; _at < _bytes.Length; _at++)
        {
            var current = _bytes[_at];
            depth += current == '(' ? 1 : current == ')' ? -1 : 0;
            if (depth == 0)
            {
                _at++;
                return Decoded(text);
            }

            if (current == '\\' && _at + 1 < _bytes.Length)
            {
                current = _bytes[++_at];
            }

            text.Add(current);
        }

        _hasDefects = true;
        return Decoded(text);
    }

    private void ReadAngle()
    {
        var address = new List<byte>();
        _at++;
        var closed = false;
        while (_at < _bytes.Length && !closed)
        {
            switch (_bytes[_at])
            {
                case (byte)'>':
                    _at++;
                    closed = true;
                    break;
                case (byte)'(':
                    _comments.Add(ReadComment());
                    break;
                case (byte)'"':
                    AddQuoted(address, ReadQuoted());
                    break;
                case (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n' or (byte)'<':
                    _at++;
                    break;
                default:
                    address.Add(_bytes[_at++]);
                    break;
            }
        }

        _hasDefects |= !closed || _angle is not null;
        _angle ??= WithoutRoute(HeaderText.Decode([.. address]));
    }

    /// <summary>RFC 5322, 4.4: <c>@a,@b:local@domain</c>. The route is of no use to anyone but a forger.</summary>
    private static string WithoutRoute(string address) =>
        address.StartsWith('@') && address.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon ? address[(colon + 1)..] : address;

    private static void AddQuoted(List<byte> address, byte[] text)
    {
        address.Add((byte)'"');
        foreach (var octet in text)
        {
            if (octet is (byte)'"' or (byte)'\\')
            {
                address.Add((byte)'\\');
            }

            address.Add(octet);
        }

        address.Add((byte)'"');
    }
}
