using System.Text;

namespace Belljar.Protocols.Http1;

/// <summary>Whether a head is whole.</summary>
public enum HeadStatus
{
    /// <summary>All bytes were taken; more are needed.</summary>
    Incomplete,

    /// <summary>The head ended; bytes that follow were left.</summary>
    Complete,

    /// <summary>The message must be refused and the connection closed: where the next one would begin is not known.</summary>
    Refused,
}

/// <summary>
/// Reads the head of an HTTP/1.1 request (RFC 9112) and refuses all that is ambiguous. Pure; one instance serves a
/// connection, its buffers are reused from message to message.
/// <code>
///   bytes → lines (CR LF only) → request line → field lines → empty line → checks across fields → Complete
/// </code>
/// </summary>
public sealed class RequestHead
{
    private const int LongestMethod = 40;

    private readonly Http1Limits _limits;
    private readonly HeadLines _lines;
    private bool _hasStartLine;

    public RequestHead(Http1Limits limits)
    {
        _limits = limits;
        _lines = new HeadLines(limits.LongestHead);
        Fields = new FieldList(_lines, limits.MostFields);
    }

    /// <summary>Why it was refused; <see cref="Http1Refusal.None"/> while it was not.</summary>
    public Http1Refusal Refusal { get; private set; }

    /// <summary>True once the first byte of a message was seen: from then on the client is slow, not idle.</summary>
    public bool HasBegun => _lines.HasBegun;

    /// <summary>A token, as sent: methods are case-sensitive.</summary>
    public string Method { get; private set; } = "";

    public RequestTarget Target { get; private set; }

    public bool IsHttp10 { get; private set; }

    public FieldList Fields { get; }

    public ConnectionOptions Connection { get; } = new();

    /// <summary>The Host field; null only in HTTP/1.0.</summary>
    public Authority? Host { get; private set; }

    public BodyFraming Framing { get; private set; }

    /// <summary>The client waits for 100 (Continue) before it sends the body.</summary>
    public bool ExpectsContinue { get; private set; }

    public bool IsConnect => Method == "CONNECT";

    /// <summary>Whether another request may follow on the connection.</summary>
    public bool IsKeepAlive => !IsHttp10 && !Connection.Close;

    /// <summary>Forgets the message, for the next one.</summary>
    public void Reset()
    {
        _lines.Reset();
        Fields.Clear();
        Connection.Clear();
        _hasStartLine = false;
        (Refusal, Method, Target, IsHttp10) = (Http1Refusal.None, "", default, false);
        (Host, Framing, ExpectsContinue) = (null, BodyFraming.None, false);
    }

    /// <summary>Takes bytes until the head ends. Called again with the bytes that come next while it is incomplete.</summary>
    /// <param name="consumed">How many were taken; the rest belongs to the body or the next message.</param>
    public HeadStatus Read(ReadOnlySpan<byte> input, out int consumed)
    {
        consumed = 0;
        if (!_lines.HasBegun && input is [var first, ..] && !Octets.Token.Contains(first))
        {
            // Not HTTP at all (TLS, SOCKS, an empty line): no need to wait for a line end that may never come.
            return Refuse(first is (byte)'\r' or (byte)'\n' ? Http1Refusal.EmptyStartLine : Http1Refusal.StartLineMalformed);
        }

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

    /// <summary><c>request-line = method SP request-target SP HTTP-version</c>, single spaces (RFC 9112 §3).</summary>
    private Http1Refusal StartLine(ReadOnlySpan<byte> line)
    {
        if (line.Length > _limits.LongestStartLine)
        {
            return Http1Refusal.StartLineTooLong;
        }

        var first = line.IndexOf((byte)' ');
        var last = line.LastIndexOf((byte)' ');
        if (first <= 0 || first == last)
        {
            return Http1Refusal.StartLineMalformed;
        }

        if (first > LongestMethod || !Octets.IsToken(line[..first]))
        {
            return Http1Refusal.MethodMalformed;
        }

        var version = line[(last + 1)..];
        IsHttp10 = version.SequenceEqual("HTTP/1.0"u8);
        if (!IsHttp10 && !version.SequenceEqual("HTTP/1.1"u8))
        {
            return version.StartsWith("HTTP/"u8) ? Http1Refusal.VersionNotSupported : Http1Refusal.StartLineMalformed;
        }

        Method = MethodOf(line[..first]);
        var refusal = RequestTarget.Parse(line[(first + 1)..last], IsConnect, Method == "OPTIONS", out var target);
        Target = target;
        return refusal;
    }

    private static string MethodOf(ReadOnlySpan<byte> token) => token switch
    {
        _ when token.SequenceEqual("GET"u8) => "GET",
        _ when token.SequenceEqual("POST"u8) => "POST",
        _ when token.SequenceEqual("CONNECT"u8) => "CONNECT",
        _ when token.SequenceEqual("HEAD"u8) => "HEAD",
        _ when token.SequenceEqual("PUT"u8) => "PUT",
        _ => Encoding.ASCII.GetString(token),
    };

    private Http1Refusal Check()
    {
        var refusal = CheckHost();
        refusal = refusal is Http1Refusal.None ? Connection.Read(Fields) : refusal;
        refusal = refusal is Http1Refusal.None ? CheckFraming() : refusal;
        return refusal is Http1Refusal.None ? CheckExpect() : refusal;
    }

    private Http1Refusal CheckHost()
    {
        var count = Fields.CountOf(KnownField.Host);
        if (count == 0)
        {
            return IsHttp10 ? Http1Refusal.None : Http1Refusal.HostMissing;
        }

        Fields.TryGet(KnownField.Host, out var field);
        if (count > 1)
        {
            return Http1Refusal.HostRepeated;
        }

        if (!Authority.TryParse(field.Value, out var host))
        {
            return Http1Refusal.HostMalformed;
        }

        Host = host;
        return Agrees(host) ? Http1Refusal.None : Http1Refusal.HostDisagrees;
    }

    /// <summary>A request that names two hosts is served by whichever the next reader prefers.</summary>
    private bool Agrees(Authority host) => Target.Form switch
    {
        TargetForm.Authority => (host.Host == Target.Authority.Host && (host.Port is null || host.Port == Target.Authority.Port)) || host == _limits.Proxy,
        TargetForm.Absolute => host.Host == Target.Authority.Host
            && (host.Port ?? DefaultPort) == (Target.Authority.Port ?? DefaultPort),
        _ => true,
    };

    private int DefaultPort => Target.Scheme == "https" ? 443 : 80;

    private Http1Refusal CheckFraming()
    {
        var refusal = BodyFraming.Read(Fields, IsHttp10, ignoresCase: false, out var framing);
        Framing = framing ?? BodyFraming.None;
        return refusal is Http1Refusal.None && IsConnect && Framing.HasBody ? Http1Refusal.BodyInConnect : refusal;
    }

    private Http1Refusal CheckExpect()
    {
        var count = Fields.CountOf(KnownField.Expect);
        if (count == 0)
        {
            return Http1Refusal.None;
        }

        Fields.TryGet(KnownField.Expect, out var field);
        if (count > 1 || !Ascii.EqualsIgnoreCase(field.Value, "100-continue"u8))
        {
            return Http1Refusal.ExpectationUnknown;
        }

        // RFC 9110 §10.1.1: from an HTTP/1.0 client, or without a body, it is ignored.
        ExpectsContinue = !IsHttp10 && Framing.HasBody;
        return Http1Refusal.None;
    }

    private HeadStatus Refuse(Http1Refusal refusal)
    {
        Refusal = refusal;
        return HeadStatus.Refused;
    }
}
