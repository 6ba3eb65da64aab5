using System.Globalization;
using System.Text;
using Belljar.Mime;
using Belljar.Mime.Compose;
using Belljar.Mime.Headers;

namespace Belljar.Mail.Outgoing.Queue;

/// <summary>
/// Tells a sender what could not be delivered: <c>multipart/report</c> (RFC 6522) of a text for people, a delivery-status (RFC 3464) for
/// programs, and the message's header. Its own sender is the null sender, so nothing answers it.
/// </summary>
internal static class DeliveryReport
{
    private const int LongestHeader = 64 * 1024;

    public static (string MessageId, byte[] Raw) Compose(QueuedMessage message, IReadOnlyList<RecipientOutcome> failed, string hostName, DateTimeOffset now)
    {
        var id = $"{Guid.NewGuid():N}@{hostName}";
        var report = new OutgoingMessage
        {
            From = [new MailAddress("Mail Delivery System", $"mailer-daemon@{hostName}")],
            To = [new MailAddress(null, message.Sender)],
            Subject = "Undelivered mail returned to sender",
            Date = now,
            MessageId = id,
            InReplyTo = IsId(message.MessageId) ? [message.MessageId] : [],
            References = IsId(message.MessageId) ? [message.MessageId] : [],
            Fields = [KeyValuePair.Create("Auto-Submitted", "auto-replied")],
            Body = new OutgoingMultipart(
                "report",
                [
                    new OutgoingText(Text(message, failed)),
                    new OutgoingFile("", "message/delivery-status", Encoding.UTF8.GetBytes(Status(message, failed, hostName, now))),
                    new OutgoingFile("", "message/rfc822", Header(message.Raw)),
                ],
                KeyValuePair.Create("report-type", "delivery-status")),
        };
        return (id, report.ToBytes());
    }

    private static string Text(QueuedMessage message, IReadOnlyList<RecipientOutcome> failed)
    {
        var subject = MimeMessage.Parse(message.Raw).Subject ?? "";
        var text = new StringBuilder($"Your message \"{subject}\" could not be delivered to:\n\n");
        foreach (var outcome in failed)
        {
            var why = outcome.Verdict == AttemptVerdict.Failed ? "refused" : "given up, after days of trying";
            text.Append(CultureInfo.InvariantCulture, $"  {outcome.Recipient.Address}\n    {why}: {outcome.Reply}\n\n");
        }

        return text.Append("It will not be tried again. The header of your message follows.\n").ToString();
    }

    /// <summary>RFC 3464, 2: fields of the message, then of each recipient.</summary>
    private static string Status(QueuedMessage message, IReadOnlyList<RecipientOutcome> failed, string hostName, DateTimeOffset now)
    {
        var status = new StringBuilder();
        status.Append($"Reporting-MTA: dns; {hostName}\r\n");
        status.Append($"Original-Envelope-Id: {message.Id}\r\n");
        status.Append($"Arrival-Date: {Date(message.CreatedAt)}\r\n");
        foreach (var outcome in failed)
        {
            var address = outcome.Recipient.Address;
            status.Append($"\r\nFinal-Recipient: {(Ascii.IsValid(address) ? "rfc822" : "utf-8")}; {address}\r\n");
            status.Append("Action: failed\r\n");
            status.Append($"Status: {outcome.Status}\r\n");
            if (outcome.RemoteHost is { } host)
            {
                status.Append($"Remote-MTA: dns; {host}\r\nDiagnostic-Code: smtp; {OneLine(outcome.Reply)}\r\n");
            }

            status.Append($"Last-Attempt-Date: {Date(now)}\r\n");
        }

        return status.ToString();
    }

    private static string OneLine(string reply)
    {
        var text = string.Concat(reply.Select(c => c is >= ' ' and <= '~' ? c : '?'));
        return text.Length > 900 ? text[..900] : text;
    }

    private static string Date(DateTimeOffset time) => time.UtcDateTime.ToString("ddd, d MMM yyyy HH:mm:ss", CultureInfo.InvariantCulture) + " +0000";

    private static bool IsId(string id) => id.Length is > 0 and <= 900 && !id.AsSpan().ContainsAnyExceptInRange('!', '~') && !id.AsSpan().ContainsAny('<', '>');

    private static byte[] Header(byte[] raw)
    {
        var end = raw.AsSpan().IndexOf("\r\n\r\n"u8);
        return raw[..Math.Min(end < 0 ? raw.Length : end + 4, LongestHeader)];
    }
}
