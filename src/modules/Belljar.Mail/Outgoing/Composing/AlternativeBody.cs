using System.Buffers;
using Belljar.Mime;
using Belljar.Mime.Compose;
using Belljar.Mime.Headers;

namespace Belljar.Mail.Outgoing.Composing;

/// <summary>
/// Puts HTML beside the text of a message: <c>text/plain</c> becomes <c>multipart/alternative(text, html)</c>, alone or as the first
/// part of a <c>multipart/mixed</c>. Header fields that are not about the body stay as they are.
/// </summary>
internal static class AlternativeBody
{
    private static readonly string[] OfTheBody = ["Content-Type", "Content-Transfer-Encoding", "MIME-Version", "Content-Disposition"];

    /// <param name="html">Null: what the text, read as Markdown, gives.</param>
    /// <returns>The message itself where its body is nothing to which HTML can be added.</returns>
    public static ReadOnlyMemory<byte> Add(ReadOnlyMemory<byte> message, string? html)
    {
        var parsed = MimeMessage.Parse(SmtpLines.Normalise(message));
        var root = parsed.Root;
        if (IsPlain(root))
        {
            var body = Compose(root, html);
            return Assemble(parsed, body);
        }

        if (root is { IsMultipart: true, ContentType: { Type: "multipart", Subtype: "mixed" } } && root.Children is [var first, ..] && IsPlain(first))
        {
            var part = Compose(first, html);
            var raw = parsed.Raw.Span;
            return (byte[])[.. raw[..first.HeaderOffset], .. part, .. raw[first.End..]];
        }

        return message;
    }

    private static bool IsPlain(MimePart part) => part is { IsText: true, IsAttachment: false } && part.ContentType.Subtype == "plain";

    /// <summary>Content fields, an empty line and the two parts.</summary>
    private static byte[] Compose(MimePart text, string? html)
    {
        var source = text.GetText();
        var seed = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(text.RawBody.Span).AsSpan(0, 8));
        var composed = MimeMessage.Parse(new OutgoingMessage
        {
            From = [new MailAddress(null, "body@part.invalid")],
            Date = DateTimeOffset.UnixEpoch,
            MessageId = "body@part.invalid",
            BoundarySeed = seed,
            Body = OutgoingPart.Of(source, html ?? MarkdownHtml.Render(source)),
        }.ToBytes());
        var output = new ArrayBufferWriter<byte>();
        foreach (var field in composed.Headers.Where(field => field.Name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase)))
        {
            output.Write(field.Raw.Span);
        }

        output.Write("\r\n"u8);
        output.Write(composed.Raw.Span[composed.BodyOffset..]);
        return output.WrittenSpan.ToArray();
    }

    private static ReadOnlyMemory<byte> Assemble(MimeMessage message, byte[] body)
    {
        var output = new ArrayBufferWriter<byte>(message.Raw.Length + body.Length);
        foreach (var field in message.Headers)
        {
            if (!Array.Exists(OfTheBody, field.IsNamed))
            {
                output.Write(field.Raw.Span);
            }
        }

        output.Write("MIME-Version: 1.0\r\n"u8);
        output.Write(body);
        return output.WrittenMemory;
    }
}
