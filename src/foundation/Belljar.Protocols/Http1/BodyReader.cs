namespace Belljar.Protocols.Http1;

/// <summary>Where a body is.</summary>
public enum BodyStatus
{
    /// <summary>All bytes were taken; more belong to the body.</summary>
    NeedsMore,

    /// <summary>The data is to be handled; then call again with what was not consumed.</summary>
    Data,

    /// <summary>The body ended; bytes that follow belong to the next message.</summary>
    Complete,

    Refused,
}

/// <summary>
/// Takes a body apart while it streams, whatever frames it. Pure, and nothing of the data is kept; one instance serves a
/// connection.
/// <code>
/// chunked:  Size → (Extension) → SizeLf → Data → DataCr → DataLf → Size …   size 0: → Trailers → Done
/// </code>
/// </summary>
public sealed class BodyReader
{
    private const int LongestSize = 15; // hexadecimal digits: below 2^60, and below what a signed length can hold
    private const int LongestExtension = 256;

    private readonly HeadLines _trailerLines;
    private State _state;
    private long _remaining;
    private int _lineLength;

    public BodyReader(Http1Limits limits)
    {
        _trailerLines = new HeadLines(limits.LongestTrailers);
        Trailers = new FieldList(_trailerLines, limits.MostFields);
    }

    private enum State
    {
        Done,
        Length,
        UntilClose,
        Size,
        Extension,
        SizeLf,
        Data,
        DataCr,
        DataLf,
        Trailers,
    }

    public Http1Refusal Refusal { get; private set; }

    /// <summary>The trailer fields of a chunked body, once it is complete.</summary>
    public FieldList Trailers { get; }

    public bool IsComplete => _state is State.Done && Refusal is Http1Refusal.None;

    /// <summary>Whether the end of the stream is a proper end here. Anywhere else the body was cut off.</summary>
    public bool MayEndHere => IsComplete || _state is State.UntilClose;

    public void Start(BodyFraming framing)
    {
        (Refusal, _remaining, _lineLength) = (Http1Refusal.None, framing.Length, 0);
        _trailerLines.Reset();
        Trailers.Clear();
        _state = framing.Kind switch
        {
            BodyKind.Length when framing.Length > 0 => State.Length,
            BodyKind.Chunked => State.Size,
            BodyKind.UntilClose => State.UntilClose,
            _ => State.Done,
        };
    }

    /// <param name="input">What arrived.</param>
    /// <param name="consumed">How many bytes were taken from it, data included.</param>
    /// <param name="data">Body bytes inside <paramref name="input"/>; empty unless the status is <see cref="BodyStatus.Data"/>.</param>
    public BodyStatus Read(ReadOnlySpan<byte> input, out int consumed, out ReadOnlySpan<byte> data)
    {
        consumed = 0;
        data = default;
        while (_state is not State.Done && consumed < input.Length)
        {
            switch (_state)
            {
                case State.Length or State.Data or State.UntilClose:
                    data = Take(input[consumed..]);
                    consumed += data.Length;
                    return BodyStatus.Data;
                case State.Trailers:
                    ReadTrailers(input, ref consumed);
                    break;
                default:
                    Step(input[consumed++]);
                    break;
            }
        }

        return Refusal is not Http1Refusal.None ? BodyStatus.Refused
            : _state is State.Done ? BodyStatus.Complete : BodyStatus.NeedsMore;
    }

    private ReadOnlySpan<byte> Take(ReadOnlySpan<byte> input)
    {
        if (_state is State.UntilClose)
        {
            return input;
        }

        var data = input[..(int)Math.Min(input.Length, _remaining)];
        _remaining -= data.Length;
        if (_remaining == 0)
        {
            _state = _state is State.Length ? State.Done : State.DataCr;
        }

        return data;
    }

    private void Step(byte next)
    {
        switch (_state)
        {
            case State.Size when char.IsAsciiHexDigit((char)next):
                Digit(next);
                break;
            case State.Size when _lineLength > 0 && next is (byte)'\r':
                _state = State.SizeLf;
                break;
            case State.Size when _lineLength > 0 && next is (byte)';':
                (_state, _lineLength) = (State.Extension, 0);
                break;
            case State.Size:
                Refuse(Http1Refusal.ChunkSizeMalformed);
                break;
            case State.Extension:
                Extension(next);
                break;
            case State.SizeLf when next is (byte)'\n':
                (_state, _lineLength) = (_remaining == 0 ? State.Trailers : State.Data, 0);
                break;
            case State.DataCr when next is (byte)'\r':
                _state = State.DataLf;
                break;
            case State.DataLf when next is (byte)'\n':
                _state = State.Size;
                break;
            default:
                Refuse(_state is State.SizeLf ? Http1Refusal.ChunkSizeMalformed : Http1Refusal.ChunkEndMalformed);
                break;
        }
    }

    private void Digit(byte next)
    {
        if (_lineLength++ == LongestSize)
        {
            Refuse(Http1Refusal.ChunkSizeTooLarge);
            return;
        }

        _remaining = (_lineLength == 1 ? 0 : _remaining << 4) + HexValue(next);
    }

    private static long HexValue(byte digit) => digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;

    /// <summary>RFC 9112 §7.1.1: unknown extensions are ignored; they are never passed on. A line end inside one is an attack.</summary>
    private void Extension(byte next)
    {
        if (next is (byte)'\r')
        {
            _state = State.SizeLf;
        }
        else if (_lineLength++ == LongestExtension || Octets.Control.Contains(next))
        {
            Refuse(Http1Refusal.ChunkExtensionMalformed);
        }
    }

    private void ReadTrailers(ReadOnlySpan<byte> input, ref int consumed)
    {
        switch (_trailerLines.Next(input, ref consumed, Http1Refusal.TrailersTooLong, out var start, out var length))
        {
            case LineStatus.Refused:
                Refuse(_trailerLines.Refusal);
                return;
            case LineStatus.Incomplete:
                return;
        }

        if (length == 0)
        {
            _state = State.Done;
            return;
        }

        var refusal = Trailers.Add(start, length);
        if (refusal is Http1Refusal.None && Trailers[Trailers.Count - 1].Known is not KnownField.Other)
        {
            refusal = Http1Refusal.TrailerForbidden;
        }

        if (refusal is not Http1Refusal.None)
        {
            Refuse(refusal);
        }
    }

    /// <summary>There is no way on: the loop ends because the state is done, and the reason stays.</summary>
    private void Refuse(Http1Refusal refusal) => (_state, Refusal) = (State.Done, refusal);
}
