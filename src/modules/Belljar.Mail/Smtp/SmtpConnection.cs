using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Belljar.Mail.Submission;
using Belljar.Mail.Tls;
using Belljar.Protocols.Smtp;

namespace Belljar.Mail.Smtp;

/// <summary>The thin loop around a session: bytes to it, its replies to the peer, its messages to the store.</summary>
internal sealed class SmtpConnection : IDisposable
{
    private readonly SmtpListener _listener;
    private readonly IPAddress _remote;
    private readonly MessageSpool _spool;
    private readonly SmtpServerSession _session;
    private readonly TlsIdentity? _tls;
    private readonly bool _beginsWithTls;
    private readonly ConnectionLogin? _login;
    private IDuplexPipe _pipe;

    public SmtpConnection(SmtpListener listener, SmtpService service, IDuplexPipe pipe, IPAddress remote, Action abort)
    {
        _listener = listener;
        _pipe = pipe;
        _remote = remote;
        _spool = new MessageSpool(listener.SpoolFolder);
        _tls = listener.Tls;
        _beginsWithTls = service is SmtpService.SubmissionOverTls;
        _login = service is SmtpService.Mx ? null : new ConnectionLogin(listener.Logins, remote);
        ISmtpRecipients recipients = new ConnectionRecipients(
            listener.Recipients, listener.Rate, listener.Senders, service is SmtpService.Mx && !IPAddress.IsLoopback(remote) ? listener.Greylist : null, remote);
        var options = listener.SessionOptions with { OffersStartTls = _tls is not null, IsSecure = _beginsWithTls, RequiresAuthentication = _login is not null };
        _session = new SmtpServerSession(
            options, _login is null ? recipients : new SubmissionRecipients(recipients, listener.Logins, listener.Outgoing, () => _session!.Identity!), _spool, _login);
        Deadlines = new ConnectionDeadlines(listener.Options, listener.Clock, pipe.Input, abort);
    }

    public ConnectionDeadlines Deadlines { get; }

    public async Task RunAsync()
    {
        try
        {
            if (_beginsWithTls)
            {
                await SecureAsync();
            }

            if (await GreetAsync())
            {
                await ServeAsync();
            }
        }
        finally
        {
            if (_pipe is TlsPipe secured)
            {
                await secured.ShutdownAsync();
                await secured.DisposeAsync();
            }
        }
    }

    public void Dispose() => _spool.Dispose();

    /// <summary>Keeps back the greeting for a moment, if that is wanted: programs that only send spam do not wait for it.</summary>
    private async Task<bool> GreetAsync()
    {
        var greeting = _session.Greeting;
        if (_login is null && _listener.BlockLists is { } lists && await lists.HasAsync(_remote))
        {
            greeting = SmtpReplies.Blocked;
        }
        else if (_listener.Options.GreetingDelay > TimeSpan.Zero && await SpeaksEarlyAsync(_listener.Options.GreetingDelay))
        {
            greeting = SmtpReplies.SpokeEarly;
        }

        if (greeting.IsRefusal)
        {
            _session.End(greeting);
            _listener.Events.RefuseConnection(_remote, greeting);
        }

        _pipe.Output.Write(greeting.Wire);
        await _pipe.Output.FlushAsync();
        return !greeting.IsRefusal;
    }

    private async Task<bool> SpeaksEarlyAsync(TimeSpan delay)
    {
        await using var timer = _listener.Clock.CreateTimer(_ => _pipe.Input.CancelPendingRead(), null, delay, Timeout.InfiniteTimeSpan);
        var read = await _pipe.Input.ReadAsync();
        _pipe.Input.AdvanceTo(read.Buffer.Start);
        return !read.Buffer.IsEmpty;
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            // Not given any token: shutting down and deadlines wake this read, so that the peer hears 421.
            var read = await _pipe.Input.ReadAsync();
            if (!read.Buffer.IsEmpty)
            {
                Deadlines.Heard();
            }

            var last = await AnswerAsync(read.Buffer);
            _pipe.Input.AdvanceTo(read.Buffer.End);
            if (last.Kind != SmtpStepKind.Close && Deadlines.Ending is { } ending)
            {
                last = _session.End(ending);
                _pipe.Output.Write(ending.Wire);
            }

            var flushed = await _pipe.Output.FlushAsync();
            if (last.Kind == SmtpStepKind.Close)
            {
                await DrainAsync(last.Reply);
                return;
            }

            if (last.Kind == SmtpStepKind.StartTls)
            {
                await SecureAsync();
                _session.TlsStarted();
                continue;
            }

            if (read.IsCompleted || flushed.IsCompleted)
            {
                return;
            }
        }
    }

    /// <summary>From here on all is read and written inside. The heartbeat's deadlines hold for the handshake too.</summary>
    private async Task SecureAsync()
    {
        var secured = await TlsPipe.AcceptAsync(_pipe, _tls!);
        _pipe = secured;
        Deadlines.ReadsFrom(secured.Input);
        if (_login is not null)
        {
            _login.Certificate = secured.CertificateHash;
        }
    }

    /// <returns>
    /// The last step: <see cref="SmtpStepKind.NeedsInput"/>, <see cref="SmtpStepKind.StartTls"/> or <see cref="SmtpStepKind.Close"/>.
    /// </returns>
    private async ValueTask<SmtpStep> AnswerAsync(ReadOnlySequence<byte> input)
    {
        while (true)
        {
            var transaction = _session.Transaction;
            var step = Advance(ref input);
            if (step.Kind == SmtpStepKind.MessageComplete)
            {
                step = _session.Complete(await StoreAsync(transaction!));
            }

            if (step.Kind == SmtpStepKind.StartTls && !input.IsEmpty)
            {
                // Commands that came along in the clear: the session refuses them, and nobody shakes hands.
                continue;
            }

            if (step.Reply is { } reply)
            {
                // Replies gather in the pipe and leave together: PIPELINING.
                _pipe.Output.Write(reply.Wire);
                if (reply.Code == SmtpReplies.WrongCredentials.Code)
                {
                    _login?.Failed();
                    _listener.Events.RefuseConnection(_remote, reply);
                }
                else if (reply.IsRefusal && transaction is not null && step.Verb is SmtpVerb.Rcpt or SmtpVerb.Data or SmtpVerb.Bdat)
                {
                    _listener.Events.Refuse(_remote, transaction, step.Recipient, reply);
                }
            }

            if (step.Kind is SmtpStepKind.NeedsInput or SmtpStepKind.StartTls or SmtpStepKind.Close)
            {
                return step;
            }
        }
    }

    /// <summary>Through the buffer's segments, one span at a time; the session keeps what a cut leaves over.</summary>
    private SmtpStep Advance(ref ReadOnlySequence<byte> input)
    {
        while (!input.IsEmpty)
        {
            var span = input.FirstSpan;
            var length = span.Length;
            var step = _session.Advance(ref span);
            input = input.Slice(length - span.Length);
            if (step.Kind != SmtpStepKind.NeedsInput)
            {
                return step;
            }
        }

        return default;
    }

    private async Task<SmtpReply> StoreAsync(SmtpTransaction transaction)
    {
        Deadlines.Storing(true);
        try
        {
            return await _listener.StoreAsync(_session, transaction, _spool, _remote);
        }
        finally
        {
            Deadlines.Storing(false);
        }
    }

    /// <summary>
    /// After a refusal the peer may still be sending; closing on it would reset the connection and take the reply away
    /// with it. So what comes is read and dropped for a moment.
    /// </summary>
    private async Task DrainAsync(SmtpReply? reply)
    {
        if (reply is null or { IsRefusal: false })
        {
            return;
        }

        Deadlines.End(reply);
        var left = _listener.Options.LargestMessage;
        for (var read = await _pipe.Input.ReadAsync(); left > 0; read = await _pipe.Input.ReadAsync())
        {
            left -= read.Buffer.Length;
            _pipe.Input.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                return;
            }
        }
    }
}
