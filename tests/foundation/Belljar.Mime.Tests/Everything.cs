namespace Belljar.Mime.Tests;

/// <summary>Asks a message for all that it has: what a hostile one may break.</summary>
internal static class Everything
{
    public static int Touch(MimeMessage message)
    {
        var seen = 0;
        foreach (var part in message.Parts)
        {
            Assert.InRange(part.HeaderOffset, 0, message.Raw.Length);
            Assert.InRange(part.BodyOffset, part.HeaderOffset, message.Raw.Length);
            Assert.InRange(part.End, part.BodyOffset, message.Raw.Length);
            foreach (var field in part.Headers)
            {
                seen += field.Name.Length + field.Raw.Length + field.Unfolded.Length + field.Text.Length + field.MessageIds.Count + (field.Date?.Year ?? 0);
                foreach (var mailbox in field.Addresses)
                {
                    Assert.DoesNotContain(mailbox.ToDisplay(), c => char.IsControl(c));
                    seen += mailbox.LocalPart.Length + (mailbox.IsValid ? 1 : 0);
                }
            }

            seen += part.GetText().Length + (part.FileName?.Length ?? 0) + (part.ContentId?.Length ?? 0);
            if (part.EmbeddedMessage is { } embedded)
            {
                seen += Touch(embedded);
            }
        }

        seen += message.TextBody.Length + (message.HtmlBody?.Length ?? 0) + message.Attachments.Sum(attachment => attachment.Decode().Length);
        seen += (message.Subject?.Length ?? 0) + message.From.Count + message.References.Count + (message.MessageId?.Length ?? 0);
        return seen + message.CalendarParts.Count() + message.Defects.Sum(defect => defect.Name.Length);
    }
}
