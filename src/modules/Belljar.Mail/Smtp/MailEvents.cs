using System.Net;
using Belljar.Contracts.Events;
using Belljar.Mail.Outgoing.Queue;
using Belljar.Mail.Storage;
using Belljar.Mime;
using Belljar.Mime.Headers;
using Belljar.Mime.Text;
using Belljar.Protocols.Smtp;

namespace Belljar.Mail.Smtp;

/// <summary>What the listener reports. It never waits for it: mail is not delayed by its own record.</summary>
internal sealed class MailEvents(IEventSink sink, TimeProvider clock)
{
    private const int LongestSubject = 200;
    private const int LongestReply = 500;

    private long _received;
    private long _refused;

    public long Received => Volatile.Read(ref _received);

    public long Refused => Volatile.Read(ref _refused);

    public void Stored(DeliveredMessage message, ReceivedMessage received)
    {
        Interlocked.Increment(ref _received);
        var payload = new MailReceived(
            message.Id,
            message.Content.MessageId,
            string.Join(", ", AddressList.Parse(message.Content.From).Select(address => address.ToDisplay())),
            SafeText.OneLine(message.Content.Subject, LongestSubject),
            received.EnvelopeFrom,
            received.Remote.ToString(),
            received.Raw.Length,
            message.Trusted);
        sink.Post(EventKinds.MailReceived.At(clock, payload) with { Mailbox = message.Mailbox });
    }

    /// <summary>A mailbox's message of which nobody is left to be tried.</summary>
    public void Sent(SentMessage sent)
    {
        var message = sent.Message;
        var payload = new MailSent(
            message.Stem!,
            message.MessageId,
            SafeText.OneLine(MimeMessage.Parse(message.Raw).Subject ?? "", LongestSubject),
            message.Sender,
            sent.Status,
            [.. message.Recipients.Select(recipient => new MailSentRecipient(recipient.Address, recipient.State.ToString().ToLowerInvariant(), SafeText.OneLine(recipient.Reply, LongestReply)))],
            message.Raw.Length);
        sink.Post(EventKinds.MailSent.At(clock, payload, sent.Status == "delivered" ? Severity.Info : Severity.Notice) with { Mailbox = message.Mailbox });
    }

    /// <summary>A peer that got no further than the greeting.</summary>
    public void RefuseConnection(IPAddress remote, SmtpReply reply)
    {
        Interlocked.Increment(ref _refused);
        sink.Post(EventKinds.MailRefused.At(clock, new MailRefused(remote.ToString(), null, null, reply.ToString()), Severity.Notice));
    }

    public void Refuse(IPAddress remote, SmtpTransaction transaction, SmtpAddress? recipient, SmtpReply reply)
    {
        Interlocked.Increment(ref _refused);
        var payload = new MailRefused(remote.ToString(), transaction.ReversePath?.ToString() ?? "", recipient?.ToString(), reply.ToString());
        sink.Post(EventKinds.MailRefused.At(clock, payload, Severity.Notice));
    }
}
