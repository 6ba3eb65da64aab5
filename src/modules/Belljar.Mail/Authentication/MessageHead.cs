using Belljar.Mime;
using Belljar.Mime.Headers;

namespace Belljar.Mail.Authentication;

/// <summary>
/// The header fields of a message and where its body begins. Only the header is parsed: a body of 25 MB costs nothing until
/// it is hashed.
/// </summary>
internal sealed class MessageHead
{
    /// <summary>A longer header is not verified; servers refuse far shorter ones.</summary>
    private const int LongestHeader = 1024 * 1024;

    private static readonly MimeLimits Limits = new(Parts: 1);

    private MessageHead(HeaderFields fields, ReadOnlyMemory<byte> body) => (Fields, Body) = (fields, body);

    public HeaderFields Fields { get; }

    public ReadOnlyMemory<byte> Body { get; }

    /// <returns>Null where the header is too long, or has more fields than a reader of this message would see.</returns>
    public static MessageHead? TryRead(ReadOnlyMemory<byte> raw)
    {
        var end = EndOfHeader(raw.Span);
        if (end > LongestHeader)
        {
            return null;
        }

        var message = MimeMessage.Parse(raw[..end], Limits);
        return message.Headers.Count >= Limits.Fields ? null : new MessageHead(message.Headers, raw[message.BodyOffset..]);
    }

    /// <summary>Behind the first empty line; all of it where there is none.</summary>
    private static int EndOfHeader(ReadOnlySpan<byte> bytes)
    {
        for (var at = 0; at < bytes.Length && at <= LongestHeader;)
        {
            var newline = bytes[at..].IndexOf((byte)'\n');
            if (newline < 0)
            {
                break;
            }

            var isEmpty = newline == 0 || (newline == 1 && bytes[at] == '\r');
            at += newline + 1;
            if (isEmpty)
            {
                return at;
            }

            if (at > LongestHeader)
            {
                return at;
            }
        }

        return bytes.Length;
    }
}
