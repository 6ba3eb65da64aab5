using Belljar.Mime.Encodings;
using Belljar.Mime.Headers;
using Belljar.Mime.Text;

namespace Belljar.Mime;

/// <summary>A part of a message: header fields and a body, which is content or further parts.</summary>
public sealed class MimePart
{
    private readonly MimeMessage _message;
    private readonly int _firstField;
    private readonly bool _isInDigest;
    private List<MimePart>? _children;
    private ContentType? _contentType;
    private ContentDisposition? _disposition;
    private MimeMessage? _embedded;

    internal MimePart(
        MimeMessage message, MimePart? parent, int firstField, int fieldCount, int headerOffset, int bodyOffset, int end, bool isInDigest)
    {
        (_message, Parent, _firstField, FieldCount) = (message, parent, firstField, fieldCount);
        (HeaderOffset, BodyOffset, End, _isInDigest) = (headerOffset, bodyOffset, end, isInDigest);
    }

    /// <summary>The multipart that holds this part; null for the message itself.</summary>
    public MimePart? Parent { get; }

    public HeaderFields Headers => new(_message, _firstField, FieldCount);

    /// <summary>Where the part begins, in bytes from the start of the message.</summary>
    public int HeaderOffset { get; }

    /// <summary>Where the body begins, behind the empty line.</summary>
    public int BodyOffset { get; }

    /// <summary>Behind the body's last byte. The line end before a boundary is the boundary's.</summary>
    public int End { get; }

    /// <summary>The whole part as it stands in the message.</summary>
    public ReadOnlyMemory<byte> Raw => _message.Raw[HeaderOffset..End];

    /// <summary>The body as it stands in the message, still encoded.</summary>
    public ReadOnlyMemory<byte> RawBody => _message.Raw[BodyOffset..End];

    /// <summary>The parts of a multipart; empty for all else, and for a multipart that could not be split.</summary>
    public IReadOnlyList<MimePart> Children => _children ?? (IReadOnlyList<MimePart>)[];

    /// <summary>What a multipart holds before its first boundary, in bytes of the message.</summary>
    public Range Preamble { get; internal set; }

    /// <summary>What a multipart holds behind its last boundary, in bytes of the message.</summary>
    public Range Epilogue { get; internal set; }

    /// <summary>Declared, or what the RFCs say of a part that declares nothing or nothing sensible.</summary>
    public ContentType ContentType => _contentType ??= ReadContentType();

    /// <summary>Null where the part has none.</summary>
    public ContentDisposition? Disposition =>
        _disposition ??= Headers["Content-Disposition"] is { } declared ? ContentDisposition.Read(declared.ValueBytes) : null;

    public TransferEncoding TransferEncoding =>
        Headers["Content-Transfer-Encoding"] is { } declared ? TransferEncodings.Read(declared.ValueBytes) : TransferEncoding.SevenBit;

    /// <summary>Without the angle brackets; null where there is none.</summary>
    public string? ContentId => Headers["Content-ID"]?.MessageIds is [var id, ..] ? id : null;

    /// <summary>As the sender wrote it, decoded: not safe as the name of a file. Null where there is none.</summary>
    public string? FileName => Disposition?.FileName ?? (ContentType.Parameters["name"] is { Length: > 0 } name ? name : null);

    public bool IsMultipart => _children is not null;

    public bool IsText => !IsMultipart && ContentType.Type == "text";

    public bool IsAttachment => Disposition?.IsAttachment ?? false;

    /// <summary>The message inside a message/rfc822 or message/global part, parsed when first asked for; null elsewhere, and beyond the limit of depth.</summary>
    public MimeMessage? EmbeddedMessage => _embedded ??= ReadEmbedded();

    internal int FieldCount { get; }

    /// <summary>Levels of multipart above this part.</summary>
    private int Depth => Parent is null ? _message.Depth : Parent.Depth + 1;

    /// <summary>The body with its transfer encoding undone. Without one it is a view of the message, else a copy. Never throws; faults become defects.</summary>
    public ReadOnlyMemory<byte> DecodeContent() => TransferEncodings.Decode(this);

    /// <summary>
    /// The body as text: transfer encoding and charset undone, line ends as LF, no byte order mark, and lines of
    /// <c>format=flowed</c> (RFC 3676) joined. Never throws; faults become defects.
    /// </summary>
    public string GetText()
    {
        var content = DecodeContent().Span;
        var text = Charsets.Decode(content, ContentType.Charset, out var fault);
        if (fault is { } kind)
        {
            _message.Report(kind, HeaderOffset);
        }

        text = LineEnds.ToLf(text);
        return ContentType.IsFlowed ? FlowedText.Join(text, ContentType.IsDelSp) : text;
    }

    internal void Add(MimePart child) => (_children ??= []).Add(child);

    internal void SetContentType(ContentType type) => _contentType = type;

    internal void Report(MimeDefectKind kind) => _message.Report(kind, HeaderOffset);

    internal IEnumerable<MimePart> SelfAndDescendants()
    {
        yield return this;
        foreach (var child in Children)
        {
            foreach (var part in child.SelfAndDescendants())
            {
                yield return part;
            }
        }
    }

    private ContentType ReadContentType()
    {
        if (Headers["Content-Type"] is not { } field)
        {
            return _isInDigest ? ContentType.DigestDefault : ContentType.Default;
        }

        var type = ContentType.Read(field.ValueBytes);
        if (type.IsValid)
        {
            return type;
        }

        Report(MimeDefectKind.InvalidContentType);
        return ContentType.Default with { Parameters = type.Parameters };
    }

    private MimeMessage? ReadEmbedded()
    {
        if (IsMultipart || ContentType is not { Type: "message", Subtype: "rfc822" or "global" })
        {
            return null;
        }

        if (Depth + 1 >= _message.Limits.Depth)
        {
            Report(MimeDefectKind.TooDeep);
            return null;
        }

        return new MimeMessage(DecodeContent(), _message.Limits, Depth + 1);
    }
}
