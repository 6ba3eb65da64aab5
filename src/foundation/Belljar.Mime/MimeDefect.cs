using System.Runtime.InteropServices;

namespace Belljar.Mime;

/// <summary>What is wrong with a message. The name, in kebab case, is what people see.</summary>
public enum MimeDefectKind
{
    /// <summary>A line ends in LF alone.</summary>
    BareLineFeed,

    /// <summary>The message holds a NUL.</summary>
    NulByte,

    /// <summary>A header field holds bytes above 127 that are not UTF-8 (RFC 6532).</summary>
    EightBitHeader,

    /// <summary>A line among the header fields is neither a field nor a continuation; it was skipped.</summary>
    InvalidHeaderLine,

    /// <summary>The message starts with an mbox <c>From </c> line.</summary>
    MboxFromLine,

    /// <summary>The first line of a part is no header field: all of it was taken as the body.</summary>
    MissingHeader,

    /// <summary>The bytes end within the header.</summary>
    MissingBody,

    /// <summary>A field that may stand once (RFC 5322, 3.6) stands more often; readers differ in which one they believe.</summary>
    DuplicateField,

    /// <summary>A field's value is longer than is decoded.</summary>
    OversizedField,

    TooManyFields,
    TooManyParts,
    TooDeep,

    /// <summary>The Content-Type cannot be understood; text/plain is assumed (RFC 2045, 5.2).</summary>
    InvalidContentType,

    /// <summary>A multipart without a boundary parameter; its bytes are one part.</summary>
    MissingBoundary,

    /// <summary>A multipart in which its boundary never stands; its bytes are one part.</summary>
    BoundaryNotFound,

    MissingFinalBoundary,

    /// <summary>Parts follow the final boundary. Some readers show them; here they are not parsed.</summary>
    PartsAfterFinalBoundary,

    /// <summary>A multipart with an encoding other than 7bit, 8bit or binary (RFC 2045, 6.4); ignored.</summary>
    EncodedMultipart,

    UnknownTransferEncoding,
    InvalidBase64,
    InvalidQuotedPrintable,
    InvalidUuencode,
    UnknownCharset,

    /// <summary>Bytes that the declared charset does not have; shown as U+FFFD.</summary>
    InvalidCharsetBytes,

    /// <summary>A body holds text that a person who reads it would not see: hidden by HTML, or in characters without glyphs.</summary>
    HiddenText,

    /// <summary>An HTML body nests or repeats beyond what is converted.</summary>
    HtmlTooComplex,
}

/// <summary>One thing wrong with a message.</summary>
/// <param name="Kind">What.</param>
/// <param name="Offset">Where: bytes from the start of the message, of the part or field concerned if not of the fault itself.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct MimeDefect(MimeDefectKind Kind, int Offset)
{
    /// <summary>The kind as it is written to files and shown: <c>missing-final-boundary</c>.</summary>
    public string Name => string.Concat(Kind.ToString().Select((c, i) => char.IsAsciiLetterUpper(c) ? (i == 0 ? "" : "-") + char.ToLowerInvariant(c) : c.ToString()));
}
