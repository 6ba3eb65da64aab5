namespace Belljar.Protocols.Http2;

/// <summary>Why a stream or a connection was refused. As in HTTP/1.1 nothing is repaired.</summary>
public enum Http2Refusal
{
    None,

    // A message (RFC 9113 §8): the stream ends
    FieldNameMalformed,
    FieldNameNotLowerCase,
    FieldValueMalformed,
    FieldOfConnection,
    PseudoHeaderUnknown,
    PseudoHeaderRepeated,
    PseudoHeaderMissing,
    PseudoHeaderLate,
    PseudoHeaderInTrailers,
    MethodMalformed,
    SchemeMalformed,
    PathMalformed,
    AuthorityMalformed,
    AuthorityDisagrees,
    LengthMalformed,
    LengthWrong,
    StatusMalformed,
    FieldsTooLarge,
    TrailersWithoutEnd,
    DataAfterEnd,

    // A connection (RFC 9113 §5.4.1)
    PrefaceMalformed,
    FrameMalformed,
    FrameSize,
    FrameUnexpected,
    StreamNumber,
    FieldsNotDecodable,
    FieldsNeverEnd,
    WindowExceeded,
    SettingsMalformed,
    Flood,
}

/// <summary>What a refusal says to the peer.</summary>
public static class Http2Refusals
{
    /// <summary>The status of an answer, where the stream can still get one.</summary>
    public static int Status(this Http2Refusal refusal) => refusal is Http2Refusal.FieldsTooLarge ? 431 : 400;

    public static Http2ErrorCode Code(this Http2Refusal refusal) => refusal switch
    {
        Http2Refusal.FieldsNotDecodable => Http2ErrorCode.CompressionError,
        Http2Refusal.FieldsNeverEnd or Http2Refusal.Flood => Http2ErrorCode.EnhanceYourCalm,
        Http2Refusal.FrameSize => Http2ErrorCode.FrameSizeError,
        Http2Refusal.WindowExceeded => Http2ErrorCode.FlowControlError,
        Http2Refusal.DataAfterEnd => Http2ErrorCode.StreamClosed,
        _ => Http2ErrorCode.ProtocolError,
    };

    /// <summary>One sentence with the clause that was broken; it repeats nothing of the message.</summary>
    public static string Describe(this Http2Refusal refusal) => refusal switch
    {
        Http2Refusal.None => "",
        Http2Refusal.FieldNameMalformed => "a field name is not a token (RFC 9113 §8.2.1)",
        Http2Refusal.FieldNameNotLowerCase => "a field name is not in lower case (RFC 9113 §8.2.1)",
        Http2Refusal.FieldValueMalformed => "a field value holds a control byte, or white space around it (RFC 9113 §8.2.1)",
        Http2Refusal.FieldOfConnection => "a field that belongs to a connection has no place here (RFC 9113 §8.2.2)",
        Http2Refusal.PseudoHeaderUnknown => "a pseudo-header is not known (RFC 9113 §8.3)",
        Http2Refusal.PseudoHeaderRepeated => "a pseudo-header stands there twice (RFC 9113 §8.3)",
        Http2Refusal.PseudoHeaderMissing => "a pseudo-header is missing, or does not belong to this method (RFC 9113 §8.3.1)",
        Http2Refusal.PseudoHeaderLate => "a pseudo-header stands behind a field (RFC 9113 §8.3)",
        Http2Refusal.PseudoHeaderInTrailers => "a pseudo-header stands in the trailers (RFC 9113 §8.1)",
        Http2Refusal.MethodMalformed => "the method is not a token (RFC 9110 §9.1)",
        Http2Refusal.SchemeMalformed => "the scheme is not https, as it is inside TLS (RFC 9113 §8.3.1)",
        Http2Refusal.PathMalformed => "the path is malformed (RFC 9113 §8.3.1)",
        Http2Refusal.AuthorityMalformed => "the authority is malformed (RFC 9113 §8.3.1)",
        Http2Refusal.AuthorityDisagrees => "the authority and the Host field disagree (RFC 9113 §8.3.1)",
        Http2Refusal.LengthMalformed => "content-length is not one number of at most 18 digits (RFC 9110 §8.6)",
        Http2Refusal.LengthWrong => "the body is not as long as content-length says (RFC 9113 §8.1.1)",
        Http2Refusal.StatusMalformed => "the status is malformed (RFC 9113 §8.3.2)",
        Http2Refusal.FieldsTooLarge => "there are too many fields, or they are too long",
        Http2Refusal.TrailersWithoutEnd => "trailers do not end the stream (RFC 9113 §8.1)",
        Http2Refusal.DataAfterEnd => "the stream had ended (RFC 9113 §5.1)",
        Http2Refusal.PrefaceMalformed => "the connection does not begin as HTTP/2 does (RFC 9113 §3.4)",
        Http2Refusal.FrameMalformed => "a frame's stream or padding is not one that its type may have (RFC 9113 §6)",
        Http2Refusal.FrameSize => "a frame's length is not one that its type may have (RFC 9113 §4.2)",
        Http2Refusal.FrameUnexpected => "a frame came that may not come here (RFC 9113 §5.1)",
        Http2Refusal.StreamNumber => "a stream's number is even, or 0 (RFC 9113 §5.1.1)",
        Http2Refusal.FieldsNotDecodable => "a field section cannot be decoded (RFC 7541)",
        Http2Refusal.FieldsNeverEnd => "a field section does not end (RFC 9113 §10.5.1)",
        Http2Refusal.WindowExceeded => "more was sent, or allowed, than a window holds (RFC 9113 §6.9.1)",
        Http2Refusal.SettingsMalformed => "a setting has a value that it cannot have (RFC 9113 §6.5.2)",
        Http2Refusal.Flood => "too many frames that ask for nothing (RFC 9113 §10.5)",
        _ => "the message is malformed",
    };
}
