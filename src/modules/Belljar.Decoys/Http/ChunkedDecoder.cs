namespace Belljar.Decoys.Http;

/// <summary>
/// The chunked coding (RFC 9112 §7.1), byte by byte where it must be. As tolerant as the products that it stands for: a
/// bare LF ends a line, extensions and trailers are passed over.
/// </summary>
internal sealed class ChunkedDecoder
{
    private const int MostSizeDigits = 15;
    private const int MostOverhead = 32 * 1024;

    private State _state = State.Size;
    private long _size;
    private int _digits;
    private int _overhead;
    private bool _lineIsEmpty = true;

    private enum State
    {
        Size,
        Extension,
        Data,
        DataEnd,
        Trailer,
        Complete,
        Broken,
    }

    public bool IsComplete => _state is State.Complete;

    public bool IsBroken => _state is State.Broken;

    /// <summary>Takes either one run of data or one byte of framing.</summary>
    /// <returns>The data; empty for framing.</returns>
    public ReadOnlySpan<byte> Take(ReadOnlySpan<byte> received, out int consumed)
    {
        if (_state is State.Data)
        {
            consumed = (int)Math.Min(received.Length, _size);
            _size -= consumed;
            _state = _size == 0 ? State.DataEnd : State.Data;
            return received[..consumed];
        }

        consumed = 1;
        // Endless extensions or trailers are an attack, not a body.
        _state = ++_overhead > MostOverhead ? State.Broken : Next(received[0]);
        return [];
    }

    private State Next(byte b) => _state switch
    {
        State.Size => AfterSize(b),
        State.Extension => b == '\n' ? AfterSizeLine() : State.Extension,
        State.DataEnd => b switch
        {
            (byte)'\r' => State.DataEnd,
            (byte)'\n' => BeginSize(),
            _ => State.Broken,
        },
        State.Trailer => AfterTrailerByte(b),
        _ => _state,
    };

    private State BeginSize()
    {
        (_size, _digits) = (0, 0);
        return State.Size;
    }

    private State AfterSize(byte b)
    {
        if (char.IsAsciiHexDigit((char)b))
        {
            _size = (_size << 4) + Convert.ToInt32(((char)b).ToString(), 16);
            return ++_digits > MostSizeDigits ? State.Broken : State.Size;
        }

        if (_digits == 0)
        {
            return State.Broken;
        }

        return b switch
        {
            (byte)'\n' => AfterSizeLine(),
            (byte)'\r' or (byte)';' or (byte)' ' or (byte)'\t' => State.Extension,
            _ => State.Broken,
        };
    }

    private State AfterSizeLine() => _size == 0 ? State.Trailer : State.Data;

    private State AfterTrailerByte(byte b)
    {
        if (b == '\n')
        {
            var ended = _lineIsEmpty;
            _lineIsEmpty = true;
            return ended ? State.Complete : State.Trailer;
        }

        _lineIsEmpty &= b == '\r';
        return State.Trailer;
    }
}
