using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Belljar.Mail.Authentication;
using Belljar.Mail.Mailboxes;
using Belljar.Mail.Routing;
using Belljar.Mail.Storage;
using Belljar.Mail.Submission;
using Belljar.Mail.Tls;
using Belljar.Protocols.Smtp;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Logging;

namespace Belljar.Mail.Smtp;

/// <summary>All SMTP connections: their limits, their one heartbeat, and what they share.</summary>
internal sealed partial class SmtpListener : ConnectionHandler, IDisposable
{
    private static readonly TimeSpan HeartbeatEvery = TimeSpan.FromSeconds(1);

    /// <summary>Messages that do not fit into memory beside all others are taken in from their files a few at a time.</summary>
    private const int MostLargeMessagesAtOnce = 4;

    private readonly ConcurrentDictionary<SmtpConnection, bool> _connections = new();
    private readonly SemaphoreSlim _largeMessages = new(MostLargeMessagesAtOnce);
    private readonly PeerLimits _limits;
    private readonly MailboxRegistry _mailboxes;
    private readonly MailStore _store;
    private readonly string _hostName;
    private readonly ITimer _heartbeat;
    private readonly ILogger<SmtpListener> _logger;

    public SmtpListener(MailboxRegistry mailboxes, MailStore store, MailEvents events, TimeProvider clock, ILogger<SmtpListener> logger)
    {
        var options = mailboxes.Options;
        _mailboxes = mailboxes;
        Options = options.Smtp;
        _hostName = options.HostName;
        SessionOptions = options.Smtp.ForSession(options.HostName);
        Recipients = new SmtpRecipients(mailboxes, store);
        Events = events;
        Clock = clock;
        _store = store;
        _logger = logger;
        Logins = new MailLogins(mailboxes, store.Layout, clock);
        Rate = new PeerRate(Options.MostFromOnePeerPerMinute, clock);
        Senders = new SenderRate(Options.MostFromOneSenderPerHour, clock);
        Greylist = Options.Greylist > TimeSpan.Zero ? new Greylist(Options.Greylist, store.Layout.Greylist, clock, logger) : null;
        _limits = new PeerLimits(Options.MostConnections, Options.MostConnectionsOfOnePeer);
        _heartbeat = clock.CreateTimer(_ => Beat(), null, HeartbeatEvery, HeartbeatEvery);
    }

    public SmtpOptions Options { get; }

    public SmtpServerOptions SessionOptions { get; }

    public SmtpRecipients Recipients { get; }

    public MailEvents Events { get; }

    public TimeProvider Clock { get; }

    /// <summary>Null: no STARTTLS.</summary>
    public TlsIdentity? Tls { get; init; }

    /// <summary>Null: nobody asks who sent a message, and nothing is trusted.</summary>
    public MailAuthenticator? Authenticator { get; init; }

    /// <summary>Told of what is stored, after it is and before the peer is: it never waits.</summary>
    public Action<StoredDelivery>? Afterwards { get; init; }

    public PeerRate Rate { get; }

    public SenderRate Senders { get; }

    /// <summary>Null: nobody waits.</summary>
    public Greylist? Greylist { get; }

    /// <summary>Null: none is asked.</summary>
    public BlockLists? BlockLists { get; init; }

    public MailLogins Logins { get; }

    public ISubmissionSink Outgoing { get; init; } = new NoSubmissionSink();

    public string SpoolFolder => _store.Layout.Arriving;

    public int Connections => _limits.InAll;

    public override Task OnConnectedAsync(ConnectionContext connection) => OnConnectedAsync(connection, SmtpService.Mx);

    public async Task OnConnectedAsync(ConnectionContext connection, SmtpService service)
    {
        var remote = RemoteAddress(connection);
        if (!_limits.TryEnter(remote))
        {
            LogTooMany(remote);
            await connection.Transport.Output.WriteAsync(SmtpReplies.TooManyConnections.Wire.ToArray(), connection.ConnectionClosed);
            return;
        }

        try
        {
            if (!Rate.TryTake(remote))
            {
                Events.RefuseConnection(remote, SmtpReplies.TooManyOfYou);
                await connection.Transport.Output.WriteAsync(SmtpReplies.TooManyOfYou.Wire.ToArray(), connection.ConnectionClosed);
                return;
            }

            await ServeAsync(connection, remote, service);
        }
        catch (Exception failed) when (failed is IOException or AuthenticationException or OperationCanceledException or SocketException)
        {
            LogGone(remote, failed.Message);
        }
        catch (Exception failed)
        {
            LogFailed(failed, remote);
        }
        finally
        {
            _limits.Leave(remote);
        }
    }

    /// <returns>What the peer is told: 250 only when the message is durable for everybody.</returns>
    public async Task<SmtpReply> StoreAsync(SmtpServerSession session, SmtpTransaction transaction, MessageSpool spool, IPAddress remote)
    {
        if (spool.Failure is { } failure)
        {
            LogNotSpooled(failure);
            return SmtpReplies.NotStored;
        }

        if (!spool.IsInFile)
        {
            return await StoreNowAsync(session, transaction, spool, remote);
        }

        await _largeMessages.WaitAsync();
        try
        {
            return await StoreNowAsync(session, transaction, spool, remote);
        }
        finally
        {
            _largeMessages.Release();
        }
    }

    public void Dispose()
    {
        _heartbeat.Dispose();
        _largeMessages.Dispose();
        Greylist?.Dispose();
    }

    private async Task<SmtpReply> StoreNowAsync(SmtpServerSession session, SmtpTransaction transaction, MessageSpool spool, IPAddress remote)
    {
        try
        {
            var received = new ReceivedMessage(
                spool.ReadAll(), transaction.ReversePath?.ToString() ?? "", remote, session.HelloName!, Protocol(session, transaction), Clock.GetUtcNow());
            if (session.Identity is { } sender && transaction.Recipients.Any(IsForeign))
            {
                return await SendAsync(received, transaction, sender);
            }

            if (Recipients.Deliveries(transaction) is not { } deliveries)
            {
                return SmtpReplies.NotStored;
            }

            if (deliveries.All(delivery => _store.IsOverQuota(delivery.Mailbox, received.Raw.Length)))
            {
                return SmtpReplies.MailboxOverQuota;
            }

            received = session.Identity is { } identity ? Submitted(received, identity) : await AuthenticateAsync(received);
            if (received.Results is { Login: { } login, Author: var author } && (author is null || !Logins.Owns(login, author.Address)))
            {
                return SmtpReplies.NotYourFrom;
            }

            var stored = await _store.DeliverAsync(received, deliveries);
            foreach (var message in stored ?? [])
            {
                Events.Stored(message, received);
                Afterwards?.Invoke(new StoredDelivery(message, received.EnvelopeFrom, received.ReceivedAt));
            }

            return stored is null ? SmtpReplies.NotStored : SmtpReplies.MessageAccepted;
        }
        catch (IOException failed)
        {
            LogNotSpooled(failed);
            return SmtpReplies.NotStored;
        }
    }

    private bool IsForeign(SmtpAddress recipient) => _mailboxes.Routes.Find(recipient).Kind is RouteKind.ForeignDomain;

    private async Task<SmtpReply> SendAsync(ReceivedMessage received, SmtpTransaction transaction, string identity)
    {
        if (Logins.Mailbox(identity) is not { } sender)
        {
            return SmtpReplies.NotYourAddress;
        }

        var own = received with { Raw = ForeignResults.Remove(received.Raw, _hostName) };
        return await Outgoing.SubmitAsync(sender, transaction, own, _hostName);
    }

    /// <summary>The signatures are over what came; what is stored does not keep results that somebody forged in our name.</summary>
    private async Task<ReceivedMessage> AuthenticateAsync(ReceivedMessage received)
    {
        if (Authenticator is null)
        {
            return received;
        }

        // No token: the authenticator's own deadline ends it, and the message is stored whatever it found.
        var facts = new SmtpEnvelopeFacts(received.Remote, received.HelloName, received.EnvelopeFrom) { IsOwnMachine = IPAddress.IsLoopback(received.Remote) };
        var results = await Authenticator.VerifyAsync(received.Raw, facts, CancellationToken.None);
        return received with { Raw = ForeignResults.Remove(received.Raw, _hostName), Results = results };
    }

    /// <summary>Of a message that its author handed in himself, what counts is that he knew the password.</summary>
    private ReceivedMessage Submitted(ReceivedMessage received, string identity) =>
        received with { Raw = ForeignResults.Remove(received.Raw, _hostName), Results = AuthenticationResults.OfLogin(received.Raw, identity, received.EnvelopeFrom) };

    /// <summary>The words for the Received field (RFC 3848, RFC 6531 §4.3).</summary>
    private static string Protocol(SmtpServerSession session, SmtpTransaction transaction) =>
        (transaction.Parameters.SmtpUtf8 ? "UTF8SMTP" : session.IsExtended ? "ESMTP" : "SMTP") + (session.IsSecure ? "S" : "") + (session.Identity is null ? "" : "A");

    private async Task ServeAsync(ConnectionContext connection, IPAddress remote, SmtpService service)
    {
        using var serving = new SmtpConnection(this, service, connection.Transport, remote, () => connection.Abort(new ConnectionAbortedException("deadline")));
        _connections[serving] = true;
        try
        {
            // Stopping asks each connection to end: the message in hand is answered first.
            var stopping = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? CancellationToken.None;
            using var registration = stopping.Register(() => serving.Deadlines.End(SmtpReplies.ShuttingDown));
            await serving.RunAsync();
        }
        finally
        {
            _connections.TryRemove(serving, out _);
        }
    }

    private void Beat()
    {
        foreach (var (connection, _) in _connections)
        {
            connection.Deadlines.Beat();
        }
    }

    private static IPAddress RemoteAddress(ConnectionContext connection)
    {
        var address = (connection.RemoteEndPoint as IPEndPoint)?.Address ?? IPAddress.None;
        return address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Remote} has too many connections")]
    private partial void LogTooMany(IPAddress remote);

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Remote} is gone: {Reason}")]
    private partial void LogGone(IPAddress remote, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "the connection of {Remote} failed")]
    private partial void LogFailed(Exception failed, IPAddress remote);

    [LoggerMessage(Level = LogLevel.Error, Message = "a message could not be taken in; its sender was told to try again")]
    private partial void LogNotSpooled(Exception failed);
}
