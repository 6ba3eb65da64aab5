using System.Buffers;
using Belljar.Mime;
using Belljar.Mime.Headers;

namespace Belljar.Mail.Storage;

/// <summary>From a message's bytes to what is written of it.</summary>
internal static class MimeContent
{
    private static readonly SearchValues<char> NeedsQuotes = SearchValues.Create("@<>,;:\"()");

    public static MessageContent Read(ReadOnlyMemory<byte> raw)
    {
        var message = MimeMessage.Parse(raw);
        var body = message.TextBody;
        AttachmentContent[] attachments = [.. message.Attachments.Select(Read)];
        return new MessageContent
        {
            MessageId = message.MessageId,
            From = Format(message.From),
            To = Format(message.To),
            Cc = Format(message.Cc),
            ReplyTo = Format(message.ReplyTo),
            Subject = message.Subject ?? "",
            Date = message.Date,
            InReplyTo = message.InReplyTo,
            References = message.References,
            ListId = message.Headers["List-Id"]?.Text ?? "",
            AutoSubmitted = message.Headers["Auto-Submitted"]?.Text ?? "",
            Body = body,
            Attachments = attachments,
            RawBody = raw[message.BodyOffset..],

            // Last: decoding finds defects too.
            Defects = [.. message.Defects.Select(defect => defect.Name).Distinct()],
        };
    }

    private static AttachmentContent Read(MimeAttachment attachment) =>
        new(attachment.FileName, FallbackName(attachment.MediaType), attachment.MediaType, attachment.Decode());

    private static string Format(AddressList addresses) => string.Join(", ", addresses.Select(Format));

    /// <summary>As the header says it, decoded; a name that could be read as an address stands in quotes.</summary>
    private static string Format(MailAddress address)
    {
        if (string.IsNullOrEmpty(address.DisplayName))
        {
            return address.Address;
        }

        var name = address.DisplayName;
        return name.AsSpan().ContainsAny(NeedsQuotes)
            ? $"\"{name.Replace('"', '\'')}\" <{address.Address}>"
            : $"{name} <{address.Address}>";
    }

    private static string FallbackName(string mediaType) => mediaType switch
    {
        "message/rfc822" or "message/global" => "message.eml",
        "text/calendar" => "calendar.ics",
        "text/html" => "page.html",
        "image/png" => "image.png",
        "image/jpeg" => "image.jpg",
        "image/gif" => "image.gif",
        "application/pdf" => "document.pdf",
        _ => "attachment",
    };
}
