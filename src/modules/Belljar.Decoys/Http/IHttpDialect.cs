namespace Belljar.Decoys.Http;

/// <summary>
/// One product, as it reads and answers. Pure: bytes in, bytes out. What it does with a malformed request was compared
/// with the genuine daemon; the tests hold what that one answered.
/// </summary>
internal interface IHttpDialect
{
    /// <summary>nginx answers most requests before their body has come; Apache waits for it.</summary>
    bool AnswersBeforeBody { get; }

    /// <summary>A field that is no field is refused when the head has ended, not when its line has.</summary>
    bool RefusesFieldsAtEnd { get; }

    string Product { get; }

    string Version { get; }

    HttpLimits Limits { get; }

    /// <summary>Whether a line of which the end has not come yet is already refused.</summary>
    bool RefusesBeginning(ReadOnlySpan<byte> line);

    /// <summary>Whether this line, its LF taken off, is one of the empty lines that may come before a request.</summary>
    bool IsBlank(ReadOnlySpan<byte> line);

    /// <param name="line">Without its LF; a CR may be its last byte.</param>
    RequestLine ReadRequestLine(ReadOnlySpan<byte> line);

    /// <summary>Reads one field, or the continuation of the one before.</summary>
    /// <param name="line">Without its LF; not empty.</param>
    /// <returns>False when the product refuses the request at this line.</returns>
    bool TryReadField(ReadOnlySpan<byte> line, List<HeaderLine> fields);

    /// <summary>What is answered to a head that is no request; null where the product just closes.</summary>
    HttpReply? Refuse(HttpFault fault, RequestLine? line, HttpPlace place);

    /// <summary>What the head asks for, before its body is looked at.</summary>
    HttpPlan Plan(RequestHead head, HttpPlace place);
}

/// <param name="Now">For the Date field.</param>
/// <param name="Port">The port that was connected to.</param>
/// <param name="Request">Which request on this connection, from 0.</param>
internal readonly record struct HttpPlace(DateTimeOffset Now, int Port, int Request);

/// <summary>What will be answered once the body is there.</summary>
/// <param name="Reply">The answer when the body came as announced, or was not waited for.</param>
internal sealed record HttpPlan(HttpReply Reply)
{
    public BodyFraming Body { get; init; } = BodyFraming.None;

    /// <summary>The answer when the body's framing is broken; null when that changes nothing but the connection's end.</summary>
    public HttpReply? BrokenBody { get; init; }

    /// <summary>Say "100 Continue" first.</summary>
    public bool SaysContinue { get; init; }
}
