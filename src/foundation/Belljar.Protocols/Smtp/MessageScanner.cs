using System.Buffers;

namespace Belljar.Protocols.Smtp;

internal enum ScanResult
{
    NeedsInput,

    /// <summary>CRLF . CRLF was read.</summary>
    End,

    /// <summary>A CR without LF, or a LF without CR.</summary>
    BareLineEnd,
}

/// <summary>
/// Reads what follows DATA: takes away the first dot of each line that has one (RFC 5321 §4.5.2), finds the line that is
/// one dot, and refuses a CR or LF that stands alone, because another server may read one as a line's end where we do not
/// ("SMTP smuggling"). Also checks the same in the chunks of BDAT, where nothing is stuffed.
/// </summary>
internal struct MessageScanner
{
    private enum State : byte
    {
        LineStart,
        InLine,
        AfterCr,
        AfterDot,
        AfterDotCr,
    }

    private static readonly SearchValues<byte> LineEnds = SearchValues.Create("\r\n"u8);

    private State _state;

    /// <summary>A CR was the last byte: no message may end there.</summary>
    public readonly bool EndsInCr => _state == State.AfterCr;

    /// <summary>Moves the input on, and gives everything that belongs to the message to the sink, in runs as long as can be.</summary>
    public ScanResult ScanStuffed(ref ReadOnlySpan<byte> input, IMessageBytes sink)
    {
        var data = input;
        var runStart = 0;
        var i = 0;
        while (i < data.Length)
        {
            switch (_state)
            {
                case State.LineStart when data[i] == (byte)'.':
                    sink.Append(data[runStart..i]);
                    runStart = ++i;
                    _state = State.AfterDot;
                    break;

                case State.AfterDot when data[i] == (byte)'\r':
                    runStart = ++i;
                    _state = State.AfterDotCr;
                    break;

                case State.AfterDotCr:
                    var isEnd = data[i] == (byte)'\n';
                    input = isEnd ? data[(i + 1)..] : data[i..];
                    _state = State.LineStart;
                    return isEnd ? ScanResult.End : ScanResult.BareLineEnd;

                default:
                    if (!TryScanLine(data, ref i))
                    {
                        sink.Append(data[runStart..i]);
                        input = data[i..];
                        return ScanResult.BareLineEnd;
                    }

                    break;
            }
        }

        sink.Append(data[runStart..]);
        input = default;
        return ScanResult.NeedsInput;
    }

    /// <summary>The same check over bytes in which no dot is stuffed and nothing marks the end.</summary>
    public bool TryScanPlain(ReadOnlySpan<byte> data)
    {
        var i = 0;
        while (i < data.Length)
        {
            if (!TryScanLine(data, ref i))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Goes on to just after the next line end, or to the end of the data; false at a bare CR or LF.</summary>
    private bool TryScanLine(ReadOnlySpan<byte> data, ref int i)
    {
        if (_state != State.AfterCr)
        {
            var length = data[i..].IndexOfAny(LineEnds);
            if (length < 0)
            {
                i = data.Length;
                _state = State.InLine;
                return true;
            }

            i += length;
            if (data[i] == (byte)'\n')
            {
                return false;
            }

            _state = State.AfterCr;
            if (++i == data.Length)
            {
                return true;
            }
        }

        if (data[i] != (byte)'\n')
        {
            return false;
        }

        i++;
        _state = State.LineStart;
        return true;
    }
}

/// <summary>What the scanner writes to.</summary>
internal interface IMessageBytes
{
    void Append(ReadOnlySpan<byte> bytes);
}
