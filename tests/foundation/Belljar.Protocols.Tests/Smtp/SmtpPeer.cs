using System.Text;
using Belljar.Protocols.Smtp;

namespace Belljar.Protocols.Tests.Smtp;

/// <summary>A session whose other end is the test: bytes in, replies and stored messages out.</summary>
internal sealed class SmtpPeer : ISmtpRecipients, ISmtpMessageSink
{
    private readonly SmtpServerSession _session;
    private readonly List<byte> _body = [];
    private readonly StringBuilder _replies = new();

    public SmtpPeer(SmtpServerOptions? options = null, ISmtpLogin? login = null)
    {
        _session = new SmtpServerSession(options ?? new SmtpServerOptions { HostName = "mx.test" }, this, this, login);
        Add(_session.Greeting);
    }

    public List<Stored> Messages { get; } = [];

    public bool IsClosed { get; private set; }

    public SmtpReply Verdict { get; set; } = SmtpReplies.MessageAccepted;

    /// <summary>Everything that was answered, in order.</summary>
    public string Replies => _replies.ToString();

    public SmtpServerSession Session => _session;

    /// <returns>What was answered to these bytes.</returns>
    public string Send(ReadOnlySpan<byte> bytes)
    {
        var before = _replies.Length;
        while (!IsClosed)
        {
            var step = _session.Advance(ref bytes);
            if (step.Kind == SmtpStepKind.MessageComplete)
            {
                Messages.Add(new Stored(_session.Transaction!, [.. _body]));
                step = _session.Complete(Verdict);
            }

            if (step.Kind == SmtpStepKind.NeedsInput)
            {
                break;
            }

            if (step.Kind == SmtpStepKind.StartTls && !bytes.IsEmpty)
            {
                continue;
            }

            Add(step.Reply!);
            IsClosed = step.Kind == SmtpStepKind.Close;
        }

        return _replies.ToString(before, _replies.Length - before);
    }

    public string Send(string text) => Send(Encoding.UTF8.GetBytes(text));

    /// <summary>One command line.</summary>
    public string Say(string line) => Send(line + "\r\n");

    /// <summary>Ready for DATA: one good recipient.</summary>
    public static SmtpPeer InTransaction(SmtpServerOptions? options = null)
    {
        var peer = new SmtpPeer(options);
        peer.Send("EHLO client.test\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<agent@mx.test>\r\n");
        return peer;
    }

    public SmtpReply? RefuseMail(SmtpAddress? sender) => sender?.LocalPart == "flood" ? SmtpReplies.TooMuchMail : null;

    public SmtpReply Decide(SmtpAddress recipient, SmtpTransaction transaction) => recipient switch
    {
        { LocalPart: "full" } => SmtpReplies.MailboxOverQuota,
        { Domain: not ("mx.test" or "") } => SmtpReplies.ForeignDomain,
        { LocalPart: "nobody" } => SmtpReplies.UnknownMailbox,
        _ => SmtpReplies.RecipientOk,
    };

    public void Append(ReadOnlySpan<byte> bytes) => _body.AddRange(bytes);

    public void Reset() => _body.Clear();

    private void Add(SmtpReply reply) => _replies.Append(Encoding.ASCII.GetString(reply.Wire));

    public sealed record Stored(SmtpTransaction Transaction, byte[] Body)
    {
        public string Text => Encoding.Latin1.GetString(Body);
    }
}
