namespace Belljar.Protocols.Http1;

/// <summary>
/// Why a message was refused. What two readers could understand differently is refused, never repaired: the difference is
/// what request smuggling lives on.
/// </summary>
public enum Http1Refusal
{
    None,

    // Lines
    BareLf,
    BareCr,
    ControlByte,
    EmptyStartLine,
    StartLineTooLong,
    HeadTooLong,
    TooManyFields,

    // Start line
    StartLineMalformed,
    MethodMalformed,
    TargetMalformed,
    TargetFormWrong,
    TargetScheme,
    TargetUserInfo,
    TargetFragment,
    AuthorityMalformed,
    PathEncoding,
    VersionNotSupported,
    StatusMalformed,

    // Fields
    ObsoleteFolding,
    SpaceBeforeColon,
    FieldNameMalformed,
    FieldValueMalformed,
    FieldLookalike,
    HostMissing,
    HostRepeated,
    HostMalformed,
    HostDisagrees,
    ConnectionMalformed,
    ExpectationUnknown,

    // Framing
    LengthAndTransferEncoding,
    LengthRepeated,
    LengthMalformed,
    TransferEncodingRepeated,
    TransferEncodingUnknown,
    TransferEncodingInHttp10,
    BodyInConnect,
    ChunkSizeMalformed,
    ChunkSizeTooLarge,
    ChunkExtensionMalformed,
    ChunkEndMalformed,
    TrailersTooLong,
    TrailerForbidden,
}

/// <summary>What a refusal says to the peer.</summary>
public static class Http1Refusals
{
    /// <summary>The status of the answer to a refused request (RFC 9110 §15.5, RFC 6585 §5).</summary>
    public static int Status(this Http1Refusal refusal) => refusal switch
    {
        Http1Refusal.StartLineTooLong => 414,
        Http1Refusal.ExpectationUnknown => 417,
        Http1Refusal.HeadTooLong or Http1Refusal.TooManyFields or Http1Refusal.TrailersTooLong => 431,
        Http1Refusal.VersionNotSupported => 505,
        _ => 400,
    };

    /// <summary>One sentence with the clause that was broken; it repeats nothing of the message.</summary>
    public static string Describe(this Http1Refusal refusal) => refusal switch
    {
        Http1Refusal.None => "",
        Http1Refusal.BareLf => "a line ends in LF without CR (RFC 9112 §2.2)",
        Http1Refusal.BareCr => "a CR stands inside a line (RFC 9112 §2.2)",
        Http1Refusal.ControlByte => "a control byte stands in the head (RFC 9110 §5.5)",
        Http1Refusal.EmptyStartLine => "the message begins with an empty line",
        Http1Refusal.StartLineTooLong => "the start line is too long",
        Http1Refusal.HeadTooLong => "the head is too long",
        Http1Refusal.TooManyFields => "there are too many fields",
        Http1Refusal.StartLineMalformed => "the start line is malformed (RFC 9112 §3)",
        Http1Refusal.MethodMalformed => "the method is not a token (RFC 9110 §9.1)",
        Http1Refusal.TargetMalformed => "the request target is malformed (RFC 9112 §3.2)",
        Http1Refusal.TargetFormWrong => "the request target has the wrong form for this method (RFC 9112 §3.2)",
        Http1Refusal.TargetScheme => "the request target's scheme is neither http nor https",
        Http1Refusal.TargetUserInfo => "the request target holds user information (RFC 9110 §4.2.4)",
        Http1Refusal.TargetFragment => "the request target holds a fragment (RFC 9112 §3.2.1)",
        Http1Refusal.AuthorityMalformed => "the request target's host or port is malformed (RFC 3986 §3.2)",
        Http1Refusal.PathEncoding => "the path's percent-encoding is malformed or hides a control byte (RFC 3986 §2.1)",
        Http1Refusal.VersionNotSupported => "the version is neither HTTP/1.0 nor HTTP/1.1",
        Http1Refusal.StatusMalformed => "the status code is malformed (RFC 9112 §4)",
        Http1Refusal.ObsoleteFolding => "a field line begins with white space (RFC 9112 §5.2)",
        Http1Refusal.SpaceBeforeColon => "white space stands before a field's colon (RFC 9112 §5.1)",
        Http1Refusal.FieldNameMalformed => "a field name is not a token (RFC 9110 §5.1)",
        Http1Refusal.FieldValueMalformed => "a field value is malformed (RFC 9110 §5.5)",
        Http1Refusal.FieldLookalike => "a field name differs from a framing field only by an underscore",
        Http1Refusal.HostMissing => "there is no Host field (RFC 9112 §3.2)",
        Http1Refusal.HostRepeated => "there is more than one Host field (RFC 9112 §3.2)",
        Http1Refusal.HostMalformed => "the Host field is malformed (RFC 9110 §7.2)",
        Http1Refusal.HostDisagrees => "the Host field and the request target disagree (RFC 9112 §3.2.2)",
        Http1Refusal.ConnectionMalformed => "the Connection field is malformed (RFC 9110 §7.6.1)",
        Http1Refusal.ExpectationUnknown => "the Expect field is not 100-continue (RFC 9110 §10.1.1)",
        Http1Refusal.LengthAndTransferEncoding => "there are both Content-Length and Transfer-Encoding (RFC 9112 §6.1)",
        Http1Refusal.LengthRepeated => "there is more than one Content-Length (RFC 9112 §6.3)",
        Http1Refusal.LengthMalformed => "Content-Length is not a number of at most 18 digits (RFC 9110 §8.6)",
        Http1Refusal.TransferEncodingRepeated => "there is more than one Transfer-Encoding (RFC 9112 §6.1)",
        Http1Refusal.TransferEncodingUnknown => "Transfer-Encoding is not exactly 'chunked' (RFC 9112 §6.1)",
        Http1Refusal.TransferEncodingInHttp10 => "HTTP/1.0 has no Transfer-Encoding (RFC 9112 §6.1)",
        Http1Refusal.BodyInConnect => "CONNECT has no body (RFC 9110 §9.3.6)",
        Http1Refusal.ChunkSizeMalformed => "a chunk size is malformed (RFC 9112 §7.1)",
        Http1Refusal.ChunkSizeTooLarge => "a chunk size is too large (RFC 9112 §7.1)",
        Http1Refusal.ChunkExtensionMalformed => "a chunk extension is malformed or too long (RFC 9112 §7.1.1)",
        Http1Refusal.ChunkEndMalformed => "a chunk does not end in CR LF (RFC 9112 §7.1)",
        Http1Refusal.TrailersTooLong => "the trailers are too long",
        Http1Refusal.TrailerForbidden => "a trailer may not frame, route or name the message (RFC 9110 §6.5.1)",
        _ => "the message is malformed",
    };
}
