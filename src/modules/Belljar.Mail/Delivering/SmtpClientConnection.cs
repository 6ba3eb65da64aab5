using System.Buffers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Belljar.Mail.Outgoing;
using Belljar.Net;
using Belljar.Protocols.SmtpClient;

namespace Belljar.Mail.Delivering;

/// <summary>The loop around <see cref="SmtpClientSession"/>: socket, TLS and clock.</summary>
internal sealed class SmtpClientConnection : IAsyncDisposable
{
    private const int PieceOfMessage = 64 * 1024;

    private readonly SmtpClientSession _session;
    private readonly OutgoingOptions _options;
    private readonly TimeProvider _clock;
    private readonly byte[] _buffer = new byte[8192];
    private Stream _stream;

    private SmtpClientConnection(Stream stream, SmtpClientSession session, SmtpTarget target, OutgoingOptions options, TimeProvider clock)
    {
        _stream = stream;
        _session = session;
        Target = target;
        _options = options;
        _clock = clock;
    }

    public SmtpTarget Target { get; }

    public bool IsSecure => _session.IsSecure;

    public bool IsOpen { get; private set; }

    /// <summary>Messages that were sent over it.</summary>
    public int Messages { get; private set; }

    /// <summary>Why it is not open, in words for the sender and the operator.</summary>
    public string Problem { get; private set; } = "";

    /// <summary>The handshake failed, which is no reason not to deliver where nothing demands TLS.</summary>
    public bool HasFailedHandshake { get; private set; }

    /// <returns>Open, or with its <see cref="Problem"/>.</returns>
    public static async Task<SmtpClientConnection> OpenAsync(
        SmtpTarget target, string helloName, OutgoingOptions options, IDialler dialler, TimeProvider clock, CancellationToken ct)
    {
        var session = new SmtpClientSession(new SmtpClientOptions { HelloName = helloName, Tls = target.Tls, IsSecure = target.IsImplicitTls, Login = target.Login });
        var connection = new SmtpClientConnection(Stream.Null, session, target, options, clock);
        await connection.OpenAsync(dialler, ct);
        return connection;
    }

    /// <summary>Sends one message.</summary>
    /// <returns>One result a recipient, in the envelope's order.</returns>
    public async Task<IReadOnlyList<SmtpRecipientResult>> SendAsync(SmtpEnvelope envelope, ReadOnlyMemory<byte> message, CancellationToken ct)
    {
        Messages++;
        var step = await GuardedAsync(
            async () =>
            {
                var next = await RunAsync(_session.Begin(envelope), ct);
                if (next == SmtpClientStep.SendMessage)
                {
                    await WriteMessageAsync(message, ct);
                    _session.MessageSent();
                    next = await RunAsync(SmtpClientStep.NeedsInput, ct);
                }

                return next;
            },
            ct);
        IsOpen = step == SmtpClientStep.Completed;
        return _session.Results;
    }

    /// <summary>Says good-bye and does not wait for the answer.</summary>
    public async ValueTask DisposeAsync()
    {
        if (IsOpen)
        {
            IsOpen = false;
            _session.Quit();
            using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(1), _clock);
            try
            {
                await _stream.WriteAsync(_session.TakeOutput(), soon.Token);
            }
            catch (Exception gone) when (gone is IOException or OperationCanceledException or ObjectDisposedException)
            {
            }
        }

        await _stream.DisposeAsync();
    }

    private async Task OpenAsync(IDialler dialler, CancellationToken ct)
    {
        var step = await GuardedAsync(
            async () =>
            {
                using (var deadline = Deadline(_options.ConnectTimeout, ct))
                {
                    _stream = new NetworkStream(await dialler.DialAsync(Target.Address, deadline.Token), ownsSocket: true);
                }

                if (Target.IsImplicitTls)
                {
                    await SecureAsync(ct);
                }

                return await RunAsync(SmtpClientStep.NeedsInput, ct);
            },
            ct);
        IsOpen = step == SmtpClientStep.Ready;
    }

    /// <summary>The one catch of a connection: whatever breaks it, the session says what that means for the message.</summary>
    private async Task<SmtpClientStep> GuardedAsync(Func<Task<SmtpClientStep>> work, CancellationToken ct)
    {
        try
        {
            var step = await work();
            if (step == SmtpClientStep.Closed)
            {
                Problem = Words();
            }

            return step;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            Problem = $"{Target.Host} did not answer in time ({Where()})";
        }
        catch (AuthenticationException failed)
        {
            HasFailedHandshake = true;
            Problem = $"TLS with {Target.Host} failed: {failed.Message}";
        }
        catch (SocketException failed)
        {
            Problem = $"{Target.Host} cannot be reached at {Target.Address.Address}: {failed.Message}";
        }
        catch (IOException failed)
        {
            // A peer that hangs up amid the handshake shows as this too.
            HasFailedHandshake = _session.Phase == SmtpPhase.Ready && !_session.IsSecure && _stream is SslStream;
            Problem = $"the connection with {Target.Host} broke ({Where()}): {failed.Message}";
        }

        return _session.Disconnected();
    }

    private async Task<SmtpClientStep> RunAsync(SmtpClientStep step, CancellationToken ct)
    {
        while (true)
        {
            await WriteAsync(_session.TakeOutput(), ct);
            switch (step)
            {
                case SmtpClientStep.StartTls:
                    await SecureAsync(ct);
                    _session.TlsStarted();
                    step = SmtpClientStep.NeedsInput;
                    break;
                case SmtpClientStep.NeedsInput:
                    step = await ReadAsync(ct);
                    break;
                default:
                    return step;
            }
        }
    }

    private async Task<SmtpClientStep> ReadAsync(CancellationToken ct)
    {
        int length;
        using (var deadline = Deadline(_session.Phase == SmtpPhase.EndOfData ? _options.EndOfDataTimeout : _options.ReplyTimeout, ct))
        {
            length = await _stream.ReadAsync(_buffer, deadline.Token);
        }

        if (length == 0)
        {
            return _session.Disconnected();
        }

        return Advance(length);
    }

    private SmtpClientStep Advance(int length)
    {
        ReadOnlySpan<byte> input = _buffer.AsSpan(0, length);
        return _session.Advance(ref input);
    }

    private async Task WriteMessageAsync(ReadOnlyMemory<byte> message, CancellationToken ct)
    {
        var stuffing = new DotStuffing();
        var output = new ArrayBufferWriter<byte>(Math.Min(message.Length, PieceOfMessage) + 1024);
        for (var at = 0; at < message.Length; at += PieceOfMessage)
        {
            stuffing.Write(message.Span.Slice(at, Math.Min(PieceOfMessage, message.Length - at)), output);
            if (at + PieceOfMessage < message.Length)
            {
                await WriteAsync(output.WrittenMemory, ct);
                output.Clear();
            }
        }

        stuffing.End(output);
        await WriteAsync(output.WrittenMemory, ct);
    }

    private async Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        if (!bytes.IsEmpty)
        {
            using var deadline = Deadline(_options.ReplyTimeout, ct);
            await _stream.WriteAsync(bytes, deadline.Token);
        }
    }

    private async Task SecureAsync(CancellationToken ct)
    {
        var secured = new SslStream(_stream);
        _stream = secured;
        using var deadline = Deadline(_options.ConnectTimeout, ct);
        await secured.AuthenticateAsClientAsync(TlsOptions(), deadline.Token);
    }

    private SslClientAuthenticationOptions TlsOptions()
    {
        var tls = new SslClientAuthenticationOptions { TargetHost = Target.Host };
        if (!Target.IsVerified)
        {
            // Opportunistic (RFC 7435): an unknown certificate keeps out those who only listen, the clear keeps out nobody.
            tls.RemoteCertificateValidationCallback = (_, _, _, errors) => errors == SslPolicyErrors.None || !Target.IsVerified;
        }
        else if (_options.CertificateAuthorities is { } file)
        {
            tls.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            tls.CertificateChainPolicy.CustomTrustStore.ImportFromPemFile(file);
        }

        return tls;
    }

    private DeadlineSource Deadline(TimeSpan timeout, CancellationToken ct) => new(timeout, _clock, ct);

    private string Where() => _session.Phase switch
    {
        SmtpPhase.Greeting => "waiting for the greeting",
        SmtpPhase.Data => "sending the message",
        SmtpPhase.EndOfData => "waiting for the answer to the message",
        var phase => $"at {phase.ToString().ToUpperInvariant()}",
    };

    private string Words() => _session.Failure switch
    {
        _ when _session.FailureReply is { } reply => $"{Target.Host} said: {reply}",
        SmtpClientFailure.MalformedReply => $"{Target.Host} gave an answer that is none",
        SmtpClientFailure.ReplyBeforeCommand => $"{Target.Host} answered before it was asked",
        SmtpClientFailure.BytesBehindStartTls => $"{Target.Host} spoke on in the clear after STARTTLS",
        SmtpClientFailure.TlsNotOffered => $"{Target.Host} offers no TLS, which is required",
        SmtpClientFailure.LoginNotOffered => $"{Target.Host} offers no AUTH PLAIN inside TLS",
        _ => $"{Target.Host} closed the connection ({Where()})",
    };

    /// <summary>A deadline by our clock, or the caller's end, whichever comes first.</summary>
    private sealed class DeadlineSource : CancellationTokenSource
    {
        private readonly CancellationTokenRegistration _registration;

        public DeadlineSource(TimeSpan timeout, TimeProvider clock, CancellationToken ct)
            : base(timeout, clock) => _registration = ct.Register(Cancel);

        protected override void Dispose(bool disposing)
        {
            _registration.Dispose();
            base.Dispose(disposing);
        }
    }
}
