namespace Belljar.Protocols.Http1;

/// <summary>Reads the head of an HTTP/1.1 response (RFC 9112), as strictly as <see cref="RequestHead"/> does a request's.</summary>
public sealed class ResponseHead
{
    private const int ReasonStart = 13; // "HTTP/1.1 200 "

    private readonly Http1Limits _limits;
    private readonly HeadLines _lines;
    private bool _hasStartLine;
    private int _reasonLength;

    public ResponseHead(Http1Limits limits)
    {
        _limits = limits;
        _lines = new HeadLines(limits.LongestHead);
        Fields = new FieldList(_lines, limits.MostFields);
    }

    public Http1Refusal Refusal { get; private set; }

    /// <summary>True once the first byte of a message was seen.</summary>
    public bool HasBegun => _lines.HasBegun;

    /// <summary>100–599.</summary>
    public int Status { get; private set; }

    /// <summary>Without meaning, and perhaps empty; passed on as it is.</summary>
    public ReadOnlySpan<byte> Reason => _lines[ReasonStart, _reasonLength];

    public bool IsHttp10 { get; private set; }

    public FieldList Fields { get; }

    public ConnectionOptions Connection { get; } = new();

    /// <summary>1xx: another head follows. 101 is not interim: what follows it is another protocol.</summary>
    public bool IsInterim => Status is >= 100 and < 200 and not 101;

    /// <summary>Whether the connection may be used again when the body ended by itself.</summary>
    public bool IsKeepAlive => IsHttp10 ? Connection.KeepAlive : !Connection.Close;

    /// <summary>What the fields say about the length; null when they say nothing. For HEAD and 304 it is that of a body which does not come.</summary>
    public BodyFraming? Declared { get; private set; }


    public void Reset()
    {
        _lines.Reset();
        Fields.Clear();
        Connection.Clear();
        _hasStartLine = false;
        (Refusal, Status, IsHttp10, Declared, _reasonLength) = (Http1Refusal.None, 0, false, null, 0);
    }

    /// <inheritdoc cref="RequestHead.Read"/>
    public HeadStatus Read(ReadOnlySpan<byte> input, out int consumed)
    {
        consumed = 0;
        while (true)
        {
            switch (_lines.Next(input, ref consumed, Http1Refusal.HeadTooLong, out var start, out var length))
            {
                case LineStatus.Refused:
                    return Refuse(_lines.Refusal);
                case LineStatus.Incomplete when !_hasStartLine && _lines.OpenLine > _limits.LongestStartLine:
                    return Refuse(Http1Refusal.StartLineTooLong);
                case LineStatus.Incomplete:
                    return HeadStatus.Incomplete;
            }

            if (_hasStartLine && length == 0)
            {
                return Check() is var refusal and not Http1Refusal.None ? Refuse(refusal) : HeadStatus.Complete;
            }

            var found = _hasStartLine ? Fields.Add(start, length) : StartLine(_lines[start, length]);
            if (found is not Http1Refusal.None)
            {
                return Refuse(found);
            }

            _hasStartLine = true;
        }
    }

    /// <summary>How the body of this response to a request with <paramref name="method"/> ends (RFC 9112 §6.3).</summary>
    public BodyFraming FramingFor(string method) => Status is < 200 or 204 or 304 || method == "HEAD" || (method == "CONNECT" && Status < 300)
        ? BodyFraming.None
        : Declared ?? BodyFraming.UntilClose;

    /// <summary>
    /// <c>status-line = HTTP-version SP status-code SP [ reason-phrase ]</c>. Servers that leave out the reason often leave
    /// out its space too; there is one way only to read that.
    /// </summary>
    private Http1Refusal StartLine(ReadOnlySpan<byte> line)
    {
        if (line.Length > _limits.LongestStartLine)
        {
            return Http1Refusal.StartLineTooLong;
        }

        IsHttp10 = line.StartsWith("HTTP/1.0 "u8);
        if (!IsHttp10 && !line.StartsWith("HTTP/1.1 "u8))
        {
            return line.StartsWith("HTTP/"u8) ? Http1Refusal.VersionNotSupported : Http1Refusal.StartLineMalformed;
        }

        if (line.Length < ReasonStart - 1 || line[9..12].ContainsAnyExceptInRange((byte)'0', (byte)'9')
            || line[9] is not (>= (byte)'1' and <= (byte)'5') || (line.Length >= ReasonStart && line[12] != (byte)' '))
        {
            return Http1Refusal.StatusMalformed;
        }

        Status = ((line[9] - '0') * 100) + ((line[10] - '0') * 10) + (line[11] - '0');
        _reasonLength = Math.Max(0, line.Length - ReasonStart);
        return Http1Refusal.None;
    }

    private Http1Refusal Check()
    {
        var refusal = Connection.Read(Fields);
        if (refusal is not Http1Refusal.None)
        {
            return refusal;
        }

        refusal = BodyFraming.Read(Fields, IsHttp10, ignoresCase: true, out var framing);
        Declared = framing;
        return refusal;
    }

    private HeadStatus Refuse(Http1Refusal refusal)
    {
        Refusal = refusal;
        return HeadStatus.Refused;
    }
}
