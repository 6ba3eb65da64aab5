using Belljar.Mail.Mailboxes;
using Belljar.Mail.Routing;
using Belljar.Mail.Storage;
using Belljar.Protocols.Smtp;

namespace Belljar.Mail.Smtp;

/// <summary>Who receives: the routes decide, and a mailbox that is full.</summary>
internal sealed class SmtpRecipients(MailboxRegistry mailboxes, MailStore store) : ISmtpRecipients
{
    public SmtpReply Decide(SmtpAddress recipient, SmtpTransaction transaction)
    {
        var route = mailboxes.Routes.Find(recipient);
        return route.Kind switch
        {
            RouteKind.ForeignDomain => SmtpReplies.ForeignDomain,
            RouteKind.UnknownMailbox => SmtpReplies.UnknownMailbox,
            _ => store.IsOverQuota(route.Mailbox!, transaction.Parameters.Size ?? 0) ? SmtpReplies.MailboxOverQuota : SmtpReplies.RecipientOk,
        };
    }

    /// <summary>One delivery for each mailbox, however many of its addresses were named.</summary>
    /// <returns>Null when one of them was deleted since its RCPT: nobody gets the message, and its sender asks again.</returns>
    public IReadOnlyList<Delivery>? Deliveries(SmtpTransaction transaction)
    {
        var routes = mailboxes.Routes;
        var found = transaction.Recipients.Select(recipient => (Recipient: recipient, routes.Find(recipient).Mailbox)).ToList();
        return found.Exists(one => one.Mailbox is null)
            ? null
            :
            [
                .. found
                    .GroupBy(one => one.Mailbox!, one => one.Recipient.ToString())
                    .Select(group => new Delivery(group.Key, [.. group.Distinct()])),
            ];
    }
}
