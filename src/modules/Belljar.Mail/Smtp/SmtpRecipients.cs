using Belljar.Mail.Routing;
using Belljar.Mail.Storage;
using Belljar.Protocols.Smtp;

namespace Belljar.Mail.Smtp;

/// <summary>Who receives: the routes decide, and a mailbox that is full.</summary>
internal sealed class SmtpRecipients(MailRoutes routes, MailStore store) : ISmtpRecipients
{
    public SmtpReply Decide(SmtpAddress recipient, SmtpTransaction transaction)
    {
        var route = routes.Find(recipient);
        return route.Kind switch
        {
            RouteKind.ForeignDomain => SmtpReplies.ForeignDomain,
            RouteKind.UnknownMailbox => SmtpReplies.UnknownMailbox,
            _ => store.IsOverQuota(route.Mailbox!, transaction.Parameters.Size ?? 0) ? SmtpReplies.MailboxOverQuota : SmtpReplies.RecipientOk,
        };
    }

    /// <summary>One delivery for each mailbox, however many of its addresses were named.</summary>
    public IReadOnlyList<Delivery> Deliveries(SmtpTransaction transaction) =>
    [
        .. transaction.Recipients
            .GroupBy(recipient => routes.Find(recipient).Mailbox!)
            .Select(group => new Delivery(group.Key, [.. group.Select(recipient => recipient.ToString()).Distinct()])),
    ];
}
