using Belljar.Mime.Headers;

namespace Belljar.Mime;

/// <summary>
/// A parsed message (RFC 5322, MIME) over its original bytes, which it keeps and never copies: all offsets count from their
/// start. Parsing never throws and refuses nothing; what is wrong is listed in <see cref="Defects"/>. Fields and bodies are
/// decoded when they are asked for. Not for use by two threads at once.
/// </summary>
public sealed partial class MimeMessage
{
    private readonly List<MimeDefect> _defects = [];
    private readonly MimeLimits _limits;
    private AddressList? _from;
    private AddressList? _to;
    private AddressList? _cc;
    private AddressList? _replyTo;

    internal MimeMessage(ReadOnlyMemory<byte> raw, MimeLimits limits, int depth)
    {
        (Raw, _limits, Depth) = (raw, limits, depth);
        Root = new MimeParser(this, raw.Span, limits).Parse(depth, out var fields);
        Fields = fields;
    }

    /// <summary>The bytes that were given, to the last one.</summary>
    public ReadOnlyMemory<byte> Raw { get; }

    /// <summary>The message as a part: its header and its body.</summary>
    public MimePart Root { get; }

    /// <summary>The message's own header fields, in order.</summary>
    public HeaderFields Headers => Root.Headers;

    /// <summary>Where the body begins, behind the empty line.</summary>
    public int BodyOffset => Root.BodyOffset;

    /// <summary>What is wrong with the message. Decoding a field or a body may add to it.</summary>
    public IReadOnlyList<MimeDefect> Defects => _defects;

    /// <summary>Decoded, on one line; null where there is none.</summary>
    public string? Subject => Headers["Subject"]?.Text;

    public AddressList From => _from ??= Headers.Addresses("From");

    public AddressList To => _to ??= Headers.Addresses("To");

    public AddressList Cc => _cc ??= Headers.Addresses("Cc");

    public AddressList ReplyTo => _replyTo ??= Headers.Addresses("Reply-To");

    public AddressList Bcc => Headers.Addresses("Bcc");

    public AddressList Sender => Headers.Addresses("Sender");

    /// <summary>Null where there is none or it cannot be understood.</summary>
    public DateTimeOffset? Date => Headers["Date"]?.Date;

    /// <summary>Without the angle brackets; null where there is none.</summary>
    public string? MessageId => Headers["Message-ID"]?.MessageIds is [var first, ..] ? first : null;

    /// <summary>Without the angle brackets.</summary>
    public IReadOnlyList<string> InReplyTo => Headers["In-Reply-To"]?.MessageIds ?? [];

    /// <summary>Oldest first, without the angle brackets.</summary>
    public IReadOnlyList<string> References => Headers["References"]?.MessageIds ?? [];

    /// <summary>Every part, depth first, the root first. What is inside embedded messages is theirs.</summary>
    public IEnumerable<MimePart> Parts => Root.SelfAndDescendants();

    internal MimeLimits Limits => _limits;

    /// <summary>Levels above this message: 0, or more for an embedded one.</summary>
    internal int Depth { get; }

    internal FieldSpan[] Fields { get; }

    /// <param name="raw">Kept, not copied: it must not change afterwards.</param>
    /// <param name="limits">Null for <see cref="MimeLimits.Default"/>.</param>
    public static MimeMessage Parse(ReadOnlyMemory<byte> raw, MimeLimits? limits = null) => new(raw, limits ?? MimeLimits.Default, depth: 0);

    internal void Report(MimeDefectKind kind, int offset)
    {
        // The same fault at the same place is one fault, however often the part is decoded.
        var defect = new MimeDefect(kind, offset);
        if (_defects.Count < _limits.Defects && !_defects.Contains(defect))
        {
            _defects.Add(defect);
        }
    }
}
