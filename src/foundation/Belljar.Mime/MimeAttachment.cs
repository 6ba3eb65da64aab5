using Belljar.Mime.Encodings;

namespace Belljar.Mime;

/// <summary>A file that came with a message.</summary>
public sealed class MimeAttachment
{
    private readonly string? _uuencoded;

    internal MimeAttachment(MimePart part)
        : this(part, part.FileName, part.ContentType.MediaType, null)
    {
    }

    private MimeAttachment(MimePart part, string? fileName, string contentType, string? uuencoded) =>
        (Part, FileName, MediaType, _uuencoded) = (part, fileName, contentType, uuencoded);

    /// <summary>The part that is the file, or whose text holds it.</summary>
    public MimePart Part { get; }

    /// <summary>As the sender wrote it, decoded: not safe as the name of a file. Null where there is none.</summary>
    public string? FileName { get; }

    /// <summary>As declared: <c>image/png</c>.</summary>
    public string MediaType { get; }

    /// <summary>It stood as uuencode inside of a text.</summary>
    public bool IsUuencoded => _uuencoded is not null;

    /// <summary>A <c>winmail.dat</c> (TNEF): files wrapped in Outlook's own format, which is not opened.</summary>
    public bool IsTnef => MediaType is "application/ms-tnef" or "application/vnd.ms-tnef"
        || "winmail.dat".Equals(FileName, StringComparison.OrdinalIgnoreCase);

    /// <summary>The part of an HTML body that names it by <c>cid:</c>, or that the sender wants shown in place.</summary>
    public bool IsInline => !IsUuencoded && (Part.Disposition?.Kind == "inline" || (Part.ContentId is not null && !Part.IsAttachment));

    /// <summary>The file's bytes. Never throws; faults become defects of the message.</summary>
    public ReadOnlyMemory<byte> Decode() => _uuencoded is null ? Part.DecodeContent() : Uuencode.Decode(_uuencoded);

    internal static MimeAttachment OfUuencoded(MimePart part, string name, string text) => new(part, name, "application/octet-stream", text);
}
