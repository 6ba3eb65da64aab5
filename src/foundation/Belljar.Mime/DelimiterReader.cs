using System.Runtime.InteropServices;

namespace Belljar.Mime;

/// <summary>A line that separates parts.</summary>
/// <param name="Before">Where the content before it ends: the line end in front of a delimiter belongs to it (RFC 2046, 5.1.1).</param>
/// <param name="After">Behind its own line end.</param>
/// <param name="IsFinal">It ends in <c>--</c>.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Delimiter(int Before, int After, bool IsFinal);

/// <summary>
/// Finds the lines <c>--boundary</c> and <c>--boundary--</c>, white space behind them allowed. More behind them makes it
/// another line: real boundaries are often the beginning of one another.
/// </summary>
internal ref struct DelimiterReader(ReadOnlySpan<byte> bytes, int start, ReadOnlySpan<byte> boundary)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private readonly ReadOnlySpan<byte> _boundary = boundary;
    private readonly int _start = start;
    private int _at = start;

    public bool TryNext(out Delimiter delimiter)
    {
        while (_at <= _bytes.Length)
        {
            var line = _at;
            if (line != _start || !_bytes[line..].StartsWith("--"u8))
            {
                // From the newline before this line on, as the line itself may be the one.
                var from = Math.Max(_start, line - 1);
                var next = _bytes[from..].IndexOf("\n--"u8);
                if (next < 0)
                {
                    break;
                }

                line = from + next + 1;
            }

            _at = line + 2;
            if (TryRead(line, out delimiter))
            {
                _at = delimiter.After;
                return true;
            }
        }

        _at = _bytes.Length + 1;
        delimiter = default;
        return false;
    }

    private readonly bool TryRead(int line, out Delimiter delimiter)
    {
        delimiter = default;
        var rest = _bytes[(line + 2)..];
        if (!rest.StartsWith(_boundary))
        {
            return false;
        }

        rest = rest[_boundary.Length..];
        var isFinal = rest.StartsWith("--"u8);
        rest = isFinal ? rest[2..] : rest;
        rest = rest.TrimStart(" \t"u8);
        if (rest is [(byte)'\r', (byte)'\n', ..])
        {
            rest = rest[2..];
        }
        else if (rest is [(byte)'\n', ..])
        {
            rest = rest[1..];
        }
        else if (!rest.IsEmpty)
        {
            return false;
        }

        var before = line;
        before -= before > _start && _bytes[before - 1] == '\n' ? 1 : 0;
        before -= before > _start && before < line && _bytes[before - 1] == '\r' ? 1 : 0;
        delimiter = new Delimiter(before, _bytes.Length - rest.Length, isFinal);
        return true;
    }
}
