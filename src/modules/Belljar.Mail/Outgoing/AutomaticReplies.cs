using Belljar.Mail.Reading;
using Belljar.Mail.Storage;
using Belljar.Mime;
using Belljar.Protocols.Aimx;

namespace Belljar.Mail.Outgoing;

/// <summary>A program's answer to a message that a program wrote is refused, whoever forgot to ask: the two would never end (RFC 3834).</summary>
internal sealed class AutomaticReplies(MailLayout layout)
{
    /// <summary>How far back the answered message is looked for: programs answer what has just come.</summary>
    private const int MostLookedAt = 500;

    /// <returns>Null when it may leave; people's own answers always may.</returns>
    public AimxError? Refuse(MailboxOptions mailbox, MimeMessage message)
    {
        if (!AutomaticMail.IsAutoSubmitted(message.Headers) || message.InReplyTo is not [var answered, ..])
        {
            return null;
        }

        foreach (var location in new MailboxFolder(layout.Mailbox(MailFolder.Inbox, mailbox.Name)).NewestFirst().Take(MostLookedAt))
        {
            if (MessageReading.Read(location) is { } stored && stored.Frontmatter.GetString("message_id") == answered)
            {
                var fields = stored.Frontmatter;
                return AutomaticMail.IsAutomatic(fields.GetString("auto_submitted"), fields.GetString("list_id"), fields.GetString("envelope_from"))
                    ? new AimxError(AimxErrorCode.Policy, "automatic-reply: no person wrote the message that this answers")
                    : null;
            }
        }

        return null;
    }
}
