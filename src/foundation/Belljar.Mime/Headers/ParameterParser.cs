using System.Buffers;

namespace Belljar.Mime.Headers;

/// <summary>
/// <c>head; name=value; name="value"</c> with comments (RFC 2045, 5.1), and RFC 2231 in <see cref="ParameterMerger"/>. Senders
/// also leave the semicolon out at the end of a line, write spaces and brackets without quotes, and never close a quote.
/// </summary>
internal ref struct ParameterParser
{
    private const int Most = 200;
    private const int LongestName = 200;
    private static readonly SearchValues<byte> NameEnds = SearchValues.Create("= \t\r\n;\"(?"u8);

    private readonly ReadOnlySpan<byte> _bytes;
    private int _at;

    private ParameterParser(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    public static (string Head, MimeParameters Parameters) Parse(ReadOnlySpan<byte> value)
    {
        var parser = new ParameterParser(value);
        var head = parser.ReadHead();
        var merger = new ParameterMerger();
        for (var count = 0; count < Most && parser.TryReadParameter(out var name, out var text); count++)
        {
            merger.Add(name, text);
        }

        return (head, merger.Merge());
    }

    /// <summary>The value in front of the parameters, all white space and comments taken out.</summary>
    private string ReadHead()
    {
        var head = new List<byte>();
        while (_at < _bytes.Length && _bytes[_at] != ';')
        {
            var start = _at;
            SkipCfws();
            if (_at == start)
            {
                head.Add(_bytes[_at++]);
            }
            else if (head.Count > 0 && head[^1] != '/' && _at < _bytes.Length && _bytes[_at] is not ((byte)';' or (byte)'/'))
            {
                // A second word: the semicolon is missing.
                break;
            }
        }

        return HeaderText.Decode([.. head]);
    }

    private bool TryReadParameter(out string name, out byte[] value)
    {
        (name, value) = ("", []);
        SkipCfws();
        while (_at < _bytes.Length && _bytes[_at] == ';')
        {
            _at++;
            SkipCfws();
        }

        if (_at >= _bytes.Length)
        {
            return false;
        }

        var length = _bytes[_at..].IndexOfAny((byte)'=', (byte)';');
        length = length < 0 ? _bytes.Length - _at : length;
        name = HeaderText.Decode(_bytes.Slice(_at, length).Trim(" \t\r\n"u8)).ToLowerInvariant();
        _at += length;
        if (_at < _bytes.Length && _bytes[_at] == '=')
        {
            _at++;
            SkipCfws();
            value = _at < _bytes.Length && _bytes[_at] == '"' ? ReadQuoted() : ReadUnquoted();
        }

        return true;
    }

    private byte[] ReadQuoted()
    {
        var text = new List<byte>();
        for (_at++; _at < _bytes.Length && _bytes[_at] != '"'; _at++)
        {
            if (_bytes[_at] == '\\' && _at + 1 < _bytes.Length)
            {
                text.Add(_bytes[++_at]);
            }
            else if (_bytes[_at] is not ((byte)'\r' or (byte)'\n'))
            {
                text.Add(_bytes[_at]);
            }
        }

        _at++;

        // What follows the closing quote belongs to nothing; up to the next parameter it is skipped.
        while (_at < _bytes.Length && _bytes[_at] != ';' && !(_bytes[_at] == '\n' && StartsParameter(_at)))
        {
            _at++;
        }

        return [.. text];
    }

    /// <summary>Up to the semicolon, or to a line end behind which another parameter stands; a comment at its end is taken off.</summary>
    private byte[] ReadUnquoted()
    {
        var start = _at;
        while (_at < _bytes.Length && _bytes[_at] != ';' && !(_bytes[_at] == '\n' && StartsParameter(_at)))
        {
            _at++;
        }

        var value = _bytes[start.._at].Trim(" \t\r\n"u8);
        if (value is [.., (byte)')'] && value.IndexOf(" ("u8) is >= 0 and var comment)
        {
            value = value[..comment].TrimEnd(" \t\r\n"u8);
        }

        return [.. value.ToArray().Where(octet => octet is not ((byte)'\r' or (byte)'\n'))];
    }

    /// <summary>Whether the line begins with <c>token =</c>, and not with an encoded word that only looks so.</summary>
    private readonly bool StartsParameter(int newline)
    {
        var line = _bytes[(newline + 1)..Math.Min(_bytes.Length, newline + LongestName)].TrimStart(" \t\r\n"u8);
        var equals = line.IndexOfAny(NameEnds);
        return equals > 0 && line[equals] == '=' && (equals + 1 >= line.Length || line[equals + 1] != '?');
    }

    /// <summary>White space, folds, and comments however nested.</summary>
    private void SkipCfws()
    {
        var depth = 0;
        for (; _at < _bytes.Length; _at++)
        {
            switch (_bytes[_at])
            {
                case (byte)'(':
                    depth++;
                    break;
                case (byte)')' when depth > 0:
                    depth--;
                    break;
                case (byte)'\\' when depth > 0:
                    _at++;
                    break;
                case (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n':
                    break;
                default:
                    if (depth == 0)
                    {
                        return;
                    }

                    break;
            }
        }

        _at = Math.Min(_at, _bytes.Length);
    }
}
