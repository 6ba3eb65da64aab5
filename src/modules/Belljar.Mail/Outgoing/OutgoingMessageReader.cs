using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Belljar.Mail.Routing;
using Belljar.Mime;
using Belljar.Mime.Headers;
using Belljar.Protocols.Aimx;
using Belljar.Protocols.Smtp;

namespace Belljar.Mail.Outgoing;

/// <summary>A message as it will leave, but for its signature.</summary>
/// <param name="MessageId">Without angle brackets.</param>
/// <param name="From">The one author.</param>
/// <param name="Recipients">Of To, Cc and Bcc, each once.</param>
/// <param name="Bcc">As it was written; empty where there was none.</param>
/// <param name="IsEightBit">The body has octets above 127.</param>
/// <param name="IsUtf8">The header has.</param>
internal sealed record PreparedMessage(
    ReadOnlyMemory<byte> Raw, string MessageId, SmtpAddress From, IReadOnlyList<SmtpAddress> Recipients, string Bcc, bool IsEightBit, bool IsUtf8, bool IsAutomatic);

/// <summary>
/// Reads what somebody wants to send, strictly, since he can be told: a header that two readers could understand differently is
/// refused. Takes Bcc and Return-Path out, adds Message-ID and Date where they are missing.
/// </summary>
internal static class OutgoingMessageReader
{
    private static readonly string[] Once = ["From", "Sender", "Reply-To", "To", "Cc", "Bcc", "Date", "Subject", "Message-ID", "In-Reply-To", "References", "MIME-Version", "Content-Type"];

    /// <summary>Ours to know, or the last server's to write (RFC 5321 §4.4).</summary>
    private static readonly string[] TakenOut = ["Bcc", "Resent-Bcc", "Return-Path"];

    /// <param name="addressed">The envelope's recipients; null for those of the header.</param>
    public static PreparedMessage? TryRead(
        ReadOnlyMemory<byte> raw, OutgoingOptions options, TimeProvider clock, IReadOnlyList<SmtpAddress>? addressed, out AimxError? error)
    {
        var lines = SmtpLines.Normalise(raw);
        if (lines.Length > options.LargestMessage)
        {
            error = new AimxError(AimxErrorCode.BodyTooLarge, $"the message is larger than {options.LargestMessage} octets");
            return null;
        }

        var message = MimeMessage.Parse(lines);
        if ((SmtpLines.Problem(lines.Span) ?? Mistake(message)) is { } mistake)
        {
            error = new AimxError(AimxErrorCode.Malformed, mistake);
            return null;
        }

        if (!TryAddress(message.From[0], out var from))
        {
            error = new AimxError(AimxErrorCode.Malformed, "From is not an address");
            return null;
        }

        var recipients = new List<SmtpAddress>(addressed ?? []);
        error = addressed is null ? Gather(message, recipients) : null;
        if (error is null && (recipients.Count == 0 || recipients.Count > options.MostRecipients))
        {
            error = recipients.Count == 0
                ? new AimxError(AimxErrorCode.Malformed, "the message has no recipient")
                : new AimxError(AimxErrorCode.Validation, $"the message has more than {options.MostRecipients} recipients");
        }

        return error is null ? Prepare(message, from, recipients, clock) : null;
    }

    public static bool HasGoodHeader(ReadOnlyMemory<byte> raw) => Mistake(MimeMessage.Parse(SmtpLines.Normalise(raw))) is null;

    /// <summary>An address as SMTP has it, the domain in A-labels.</summary>
    public static bool TryAddress(string text, out SmtpAddress address)
    {
        ReadOnlySpan<byte> path = Encoding.UTF8.GetBytes($"<{text}>");
        if (SmtpPath.TryParse(ref path, out var found) && path.IsEmpty && found is { Domain: not "" })
        {
            address = found.IsAddressLiteral ? found : found with { Domain = AddressPattern.Normal(found.Domain) };
            return Ascii.IsValid(address.Domain);
        }

        address = new SmtpAddress("", "");
        return false;
    }

    private static bool TryAddress(MailAddress written, out SmtpAddress address) => TryAddress(written.Address, out address);

    private static string? Mistake(MimeMessage message)
    {
        var fields = message.Headers;
        var length = fields.Sum(field => field.Length);
        if (fields.Count == 0 || fields[0].Offset != 0 || !message.Raw.Span[length..].StartsWith("\r\n"u8) || message.BodyOffset != length + 2)
        {
            return fields.Count > 0 && length == message.Raw.Length ? "an empty line between header and body is missing" : "the header has a line that is no field";
        }

        if (Array.Find(Once, name => fields.All(name).Skip(1).Any()) is { } twice)
        {
            return $"{twice} stands twice in the header";
        }

        if (!Utf8.IsValid(message.Raw.Span[..length]))
        {
            return "the header is not UTF-8";
        }

        if (message.From.Count != 1 || message.From.HasDefects)
        {
            return "From must name one address";
        }

        if (fields["Message-ID"] is { } id && (id.MessageIds is not [var only] || only.Length > 900 || only.AsSpan().ContainsAnyExceptInRange('!', '~')))
        {
            return "Message-ID is not an id in angle brackets";
        }

        return fields["Date"] is { Date: null } ? "Date is not a date" : null;
    }

    private static AimxError? Gather(MimeMessage message, List<SmtpAddress> recipients)
    {
        var seen = new HashSet<AddressPattern>();
        foreach (var (name, list) in new[] { ("To", message.To), ("Cc", message.Cc), ("Bcc", message.Bcc) })
        {
            foreach (var written in list)
            {
                if (!TryAddress(written, out var address))
                {
                    return new AimxError(AimxErrorCode.Malformed, $"'{written.Address}' in {name} is not an address");
                }

                if (seen.Add(AddressPattern.Of(address)))
                {
                    recipients.Add(address);
                }
            }

            if (list.HasDefects)
            {
                return new AimxError(AimxErrorCode.Malformed, $"{name} is not a list of addresses");
            }
        }

        return null;
    }

    private static PreparedMessage Prepare(MimeMessage message, SmtpAddress from, IReadOnlyList<SmtpAddress> recipients, TimeProvider clock)
    {
        var header = new ArrayBufferWriter<byte>(message.BodyOffset + 256);
        foreach (var field in message.Headers)
        {
            if (!Array.Exists(TakenOut, field.IsNamed))
            {
                header.Write(field.Raw.Span);
            }
        }

        if (message.Headers["Date"] is null)
        {
            var now = clock.GetUtcNow().UtcDateTime.ToString("ddd, d MMM yyyy HH:mm:ss", CultureInfo.InvariantCulture);
            header.Write(Encoding.ASCII.GetBytes($"Date: {now} +0000\r\n"));
        }

        var id = message.MessageId;
        if (id is null)
        {
            id = $"{Guid.NewGuid():N}@{from.Domain.Trim('[', ']')}";
            header.Write(Encoding.ASCII.GetBytes($"Message-ID: <{id}>\r\n"));
        }

        var isUtf8 = !Ascii.IsValid(header.WrittenSpan);
        header.Write("\r\n"u8);
        var body = message.Raw.Span[message.BodyOffset..];
        header.Write(body);
        return new PreparedMessage(
            header.WrittenMemory, id, from, recipients, message.Headers["Bcc"]?.Text ?? "", !Ascii.IsValid(body), isUtf8, AutomaticMail.IsAutoSubmitted(message.Headers));
    }
}
