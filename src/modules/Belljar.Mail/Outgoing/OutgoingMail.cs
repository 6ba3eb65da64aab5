using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Belljar.Mail.Delivering;
using Belljar.Mail.Mailboxes;
using Belljar.Mail.Outgoing.Composing;
using Belljar.Mail.Outgoing.Queue;
using Belljar.Mail.Routing;
using Belljar.Mail.Signing;
using Belljar.Mail.Storage;
using Belljar.Mime;
using Belljar.Net;
using Belljar.Net.Dns;
using Belljar.Protocols.Aimx;
using Belljar.Protocols.Smtp;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Belljar.Mail.Outgoing;

/// <summary>
/// The one way by which mail leaves, whoever hands it in:
/// <code>
/// read strictly → From: domain, mailbox, caller → recipients: allow-list → the mail gate → DKIM → queue (durable) → sent copy → answer
/// </code>
/// </summary>
public sealed partial class OutgoingMail : IHostedService, IAsyncDisposable
{
    private static readonly TimeSpan CopyWaits = TimeSpan.FromMilliseconds(50);

    private readonly OutgoingOptions _options;
    private readonly OutgoingParts _parts;
    private readonly MailQueue _queue;
    private readonly SentCopies _copies;
    private readonly SenderPolicy _policy;
    private readonly AutomaticReplies _replies;
    private readonly DkimSigner _signer;
    private readonly SmtpConnections _connections;
    private readonly HttpsMtaStsFetcher? _fetcher;
    private readonly QueueRunner _runner;
    private readonly ConcurrentDictionary<string, TaskCompletionSource<DeliveryOutcome?>> _waiting = new(StringComparer.Ordinal);
    private readonly ILogger<OutgoingMail> _logger;
    private bool _isStopped;
    private bool _isDisposed;

    internal OutgoingMail(MailboxRegistry mailboxes, OutgoingOptions options, MailLayout layout, IDelivery local, OutgoingParts parts, ILogger<OutgoingMail> logger)
    {
        var mail = mailboxes.Options;
        (_options, _parts, _logger) = (options, parts, logger);
        _queue = MailQueue.Open(layout.Root, parts.Clock);
        _copies = new SentCopies(layout, mailboxes, parts.Locks);
        _policy = new SenderPolicy(mailboxes, options);
        _replies = new AutomaticReplies(layout);
        _signer = new DkimSigner(new DkimKeyStore(layout.Root, parts.Clock), parts.Clock);
        _connections = new SmtpConnections(parts.Clock);
        var lookup = new MxLookup(parts.Dns, mail.HostName);
        var judge = new AddressJudge(parts.OwnAddresses);
        _fetcher = parts.PolicyFetcher is null ? new HttpsMtaStsFetcher(lookup, judge, options.AllowedNetworks, parts.Dialler, parts.Clock) : null;
        var remote = new RemoteDelivery(
            mail.HostName, options, lookup, new MtaStsPolicies(parts.Dns, parts.PolicyFetcher ?? _fetcher!, _queue, parts.Clock), judge, parts.Dialler, _connections, parts.Clock);
        _runner = new QueueRunner(
            _queue, _copies, local, remote, _policy.IsLocal, options, new DeliveryReports(mail.HostName, _signer, parts.Clock), Attempted, parts.Ended, _connections.CloseOldAsync, parts.Clock, logger);
    }

    /// <summary>The queue, for whoever shows or changes it in this process.</summary>
    public MailQueue Queue => _queue;

    /// <summary>What the queue holds was changed in this process: look now.</summary>
    internal void Ring() => _runner.Ring();

    /// <summary>Attempts at this moment.</summary>
    internal int UnderWay => _runner.UnderWay;

    /// <summary>Why this mailbox may not write to that address, where it is known before there is a message; null when it may.</summary>
    internal AimxError? Refuse(MailboxOptions sender, SmtpAddress from, SmtpAddress recipient) =>
        _options.Sign && !_signer.HasKey(AddressPattern.Normal(from.Domain)) ? new AimxError(AimxErrorCode.Sign, "the domain has no key to sign with")
        : !OutgoingMessageReader.TryAddress(recipient.ToString(), out var address) ? new AimxError(AimxErrorCode.Malformed, "the recipient is not an address")
        : _policy.Refuse(sender, [address]);

    /// <summary>For the mail worker: real servers, real time.</summary>
    internal static OutgoingMail Create(
        MailboxRegistry mailboxes,
        OutgoingOptions options,
        MailStore store,
        MailboxLocks locks,
        IMailGate gate,
        TimeProvider clock,
        Action<StoredDelivery> afterwards,
        ILogger<OutgoingMail> logger,
        Action<SentMessage>? ended = null) =>
        new(mailboxes, options, store.Layout, new LocalDelivery(mailboxes, store, clock, afterwards), new OutgoingParts
        {
            Dns = new UdpDnsResolver(DnsResolverOptions.FromResolvConf(), clock),
            Dialler = new TcpDialler(),
            OwnAddresses = new SystemOwnAddresses(clock),
            Gate = gate,
            Locks = locks,
            Ended = ended ?? (_ => { }),
            Clock = clock,
        },
        logger);

    /// <summary>Writes the copies that a crash left out or broke, then sends what is due.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _copies.Prepare();
        foreach (var message in _queue.All().Select(_queue.Find).OfType<QueuedMessage>())
        {
            if (message.Stem is not null)
            {
                await _copies.WriteAsync(message);
            }
        }

        _runner.Start();
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _isStopped, true))
        {
            return;
        }

        await _runner.DisposeAsync();
        foreach (var waiting in _waiting.Values)
        {
            waiting.TrySetResult(null);
        }
    }

    /// <summary>May be called twice: a host that knows it by two names disposes of it by both.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, true))
        {
            return;
        }

        await _connections.DisposeAsync();
        _fetcher?.Dispose();
        _signer.Dispose();
        _copies.Dispose();
        _queue.Dispose();
    }

    /// <summary>Takes a message for delivery; when it answers <see cref="SubmitResult.Accepted"/> the message is on the disk.</summary>
    /// <param name="raw">RFC 5322, line ends of any kind; Bcc is taken out, Message-ID and Date are added where they are missing.</param>
    /// <param name="envelopeFrom">The reverse-path, an address of a mailbox of the caller's; null for From's.</param>
    /// <param name="recipients">Null for those of To, Cc and Bcc.</param>
    /// <exception cref="IOException">Storage failed: nothing was accepted.</exception>
    public async Task<SubmitResult> SubmitAsync(
        ReadOnlyMemory<byte> raw, string? envelopeFrom, IReadOnlyList<string>? recipients, SubmitOptions options, CancellationToken ct)
    {
        if (options.IdempotencyKey is { Length: 0 or > SubmitOptions.LongestIdempotencyKey })
        {
            return SubmitResult.Refuse(AimxErrorCode.Validation, $"an idempotency key has 1 to {SubmitOptions.LongestIdempotencyKey} characters");
        }

        byte[] hash = options.IdempotencyKey is null ? [] : Hash(raw, envelopeFrom, recipients, options);
        var addressed = recipients is null ? null : new List<SmtpAddress>();
        if (recipients is not null && Addressed(recipients, addressed!) is { } bad)
        {
            return new SubmitResult.Refused(bad);
        }

        // Only of a header that is understood: what HTML is added to is written anew.
        var bodied = options.Format == BodyFormat.Markdown && OutgoingMessageReader.HasGoodHeader(raw) ? AlternativeBody.Add(raw, options.Html) : raw;
        if (OutgoingMessageReader.TryRead(bodied, _options, _parts.Clock, addressed, out var unreadable) is not { } message)
        {
            return new SubmitResult.Refused(unreadable!);
        }

        if (_policy.FindSender(message.From, options.MaySendAs, out var refused) is not { } mailbox)
        {
            return new SubmitResult.Refused(refused!);
        }

        var sender = message.From;
        if (envelopeFrom is not null && !TrySender(envelopeFrom, options, out sender, out refused))
        {
            return new SubmitResult.Refused(refused!);
        }

        if (options.IdempotencyKey is { } key && _queue.FindSubmission(mailbox.Name, key) is { } known)
        {
            return Repeated(known.Hash.AsSpan().SequenceEqual(hash), known.MessageId, known.Id);
        }

        if (_policy.Refuse(mailbox, message.Recipients) is { } forbidden)
        {
            return new SubmitResult.Refused(forbidden);
        }

        var parsed = MimeMessage.Parse(message.Raw);
        if (_replies.Refuse(mailbox, parsed) is { } endless)
        {
            return new SubmitResult.Refused(endless);
        }

        var verdict = await _parts.Gate.JudgeAsync(mailbox, message.Raw, [.. message.Recipients.Select(recipient => recipient.ToString())], ct);
        if (!verdict.IsAllowed)
        {
            return SubmitResult.Refuse(AimxErrorCode.Policy, verdict.Reason);
        }

        byte[]? signature = [];
        if (_options.Sign && (signature = _signer.TrySign(message.Raw, AddressPattern.Normal(message.From.Domain), out var problem)) is null)
        {
            return SubmitResult.Refuse(AimxErrorCode.Sign, problem!);
        }

        var stem = _copies.Reserve(mailbox.Name, _parts.Clock.GetUtcNow(), parsed.Subject);
        try
        {
            var format = options.Format == BodyFormat.Markdown ? "markdown" : "text";
            var queued = new NewMessage(
                Guid.NewGuid().ToString("N"), message.MessageId, mailbox.Name, stem, message.Bcc, format, sender, (byte[])[.. signature, .. message.Raw.Span],
                message.IsEightBit, message.IsUtf8, message.IsAutomatic, message.Recipients);
            return await EnqueueAsync(queued, options, hash, ct);
        }
        finally
        {
            _copies.Release(mailbox.Name, stem);
        }
    }

    private async Task<SubmitResult> EnqueueAsync(NewMessage message, SubmitOptions options, byte[] hash, CancellationToken ct)
    {
        // Before it is queued: its first attempt may be over before we are back here.
        var waiting = options.Wait ? _waiting[message.Id] = new(TaskCreationOptions.RunContinuationsAsynchronously) : null;
        try
        {
            switch (await EnqueueAsync(message, options.IdempotencyKey, hash))
            {
                case EnqueueResult.Repeated repeated:
                    return Repeated(true, repeated.MessageId, repeated.Id);
                case EnqueueResult.KeyReused:
                    return Repeated(false, "", "");
                case EnqueueResult.Suppressed suppressed:
                    return SubmitResult.Refuse(AimxErrorCode.Policy, $"suppressed: {suppressed.Address} has refused mail for good; belljar mail queue release {suppressed.Address}");
                case EnqueueResult.TooMany:
                    return SubmitResult.Refuse(AimxErrorCode.Temporary, $"the mailbox has written to {_options.MostRecipientsPerHour} recipients in this hour");
                case EnqueueResult.Queued queued:
                    var stored = message.Stored(queued, _parts.Clock.GetUtcNow());
                    await SoonAsync(_runner.Take(stored));
                    await WriteCopyAsync(stored);
                    return new SubmitResult.Accepted($"<{message.MessageId}>", message.Id, waiting is null ? null : await waiting.Task.WaitAsync(ct));
                default:
                    throw new InvalidOperationException("There are five results.");
            }
        }
        finally
        {
            _waiting.TryRemove(message.Id, out _);
        }
    }

    /// <summary>A server nearby has answered within this time, and then the copy is written once and not twice. Nobody notices the wait.</summary>
    private static async Task SoonAsync(Task attempts)
    {
        using var over = new CancellationTokenSource();
        await Task.WhenAny(attempts, Task.Delay(CopyWaits, TimeProvider.System, over.Token));
        await over.CancelAsync();
    }

    private async Task<EnqueueResult> EnqueueAsync(NewMessage message, string? idempotencyKey, byte[] hash)
    {
        long? expected = null;
        try
        {
            return await _queue.EnqueueAsync(message, idempotencyKey, hash, _options.MostRecipientsPerHour, key =>
            {
                expected = key;
                _runner.Expect(key);
            });
        }
        catch when (expected is not null)
        {
            _runner.ExpectNoMore(expected.Value);
            throw;
        }
    }

    /// <summary>The message is accepted already; a copy that cannot be written now is written at its first attempt.</summary>
    private async Task WriteCopyAsync(QueuedMessage message)
    {
        try
        {
            await _copies.WriteAsync(message);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            LogCopyNotWritten(failed);
        }
    }

    /// <summary>Whoever waits hears when every recipient has been tried.</summary>
    private void Attempted(string id, IReadOnlyList<QueuedRecipient> recipients)
    {
        if (_waiting.TryGetValue(id, out var waiting) && recipients.All(recipient => recipient.Attempts > 0 || recipient.State != RecipientState.Queued))
        {
            waiting.TrySetResult(new DeliveryOutcome([.. recipients.Select(recipient => new RecipientStatus(recipient.Address, recipient.State, recipient.Reply))]));
        }
    }

    private static SubmitResult Repeated(bool isSame, string messageId, string id) => isSame
        ? new SubmitResult.Accepted($"<{messageId}>", id, null)
        : SubmitResult.Refuse(AimxErrorCode.Validation, "this idempotency key was used for another message within a day");

    private bool TrySender(string envelopeFrom, SubmitOptions options, out SmtpAddress sender, out AimxError? refused)
    {
        if (!OutgoingMessageReader.TryAddress(envelopeFrom, out sender))
        {
            refused = new AimxError(AimxErrorCode.Malformed, "the envelope's sender is not an address");
            return false;
        }

        return _policy.FindSender(sender, options.MaySendAs, out refused) is not null;
    }

    private static AimxError? Addressed(IReadOnlyList<string> recipients, List<SmtpAddress> addressed)
    {
        var seen = new HashSet<AddressPattern>();
        foreach (var recipient in recipients)
        {
            if (!OutgoingMessageReader.TryAddress(recipient, out var address))
            {
                return new AimxError(AimxErrorCode.Malformed, $"'{recipient}' is not an address");
            }

            if (seen.Add(AddressPattern.Of(address)))
            {
                addressed.Add(address);
            }
        }

        return null;
    }

    private static byte[] Hash(ReadOnlyMemory<byte> raw, string? envelopeFrom, IReadOnlyList<string>? recipients, SubmitOptions options)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in new[] { envelopeFrom ?? "", string.Join('\n', recipients ?? []), options.Html ?? "", options.Format.ToString() })
        {
            var bytes = Encoding.UTF8.GetBytes(part);
            hash.AppendData(BitConverter.GetBytes(bytes.Length));
            hash.AppendData(bytes);
        }

        hash.AppendData(raw.Span);
        return hash.GetHashAndReset();
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "the sender's copy of an accepted message could not be written; it will be with its first attempt")]
    private partial void LogCopyNotWritten(Exception failed);
}
