using System.Buffers;
using System.Globalization;
using System.Text;

namespace Belljar.Protocols.SmtpClient;

/// <summary>What whoever runs a session has to do next.</summary>
public enum SmtpClientStep
{
    /// <summary>Write the output, then read and <see cref="SmtpClientSession.Advance"/>.</summary>
    NeedsInput,

    /// <summary>Shake hands as TLS's client, then <see cref="SmtpClientSession.TlsStarted"/>.</summary>
    StartTls,

    /// <summary><see cref="SmtpClientSession.Begin"/> a message, or <see cref="SmtpClientSession.Quit"/>.</summary>
    Ready,

    /// <summary>Write the output and the message (<see cref="DotStuffing"/>), then <see cref="SmtpClientSession.MessageSent"/>.</summary>
    SendMessage,

    /// <summary>The message's <see cref="SmtpClientSession.Results"/> are there; the session is ready for another one.</summary>
    Completed,

    /// <summary>Close the connection. The results are there if a message was under way.</summary>
    Closed,
}

/// <summary>
/// The client's side of a connection (RFC 5321), without I/O: bytes in, bytes out, and what to do next.
/// <code>
/// greeting → EHLO (→ HELO) → STARTTLS → EHLO → AUTH → Ready → MAIL, RCPT…, DATA → message → Completed → … → QUIT
/// </code>
/// Replies are matched with the commands that wait for one, in order; a reply to nothing ends the session. Where PIPELINING is
/// offered a transaction's commands leave together (RFC 2920).
/// </summary>
public sealed partial class SmtpClientSession
{
    private readonly SmtpClientOptions _options;
    private readonly SmtpReplyReader _reader = new();
    private readonly ArrayBufferWriter<byte> _output = new();
    private readonly Queue<Expected> _expected = new();
    private SmtpClientStep _step = SmtpClientStep.NeedsInput;

    public SmtpClientSession(SmtpClientOptions options)
    {
        _options = options;
        IsSecure = options.IsSecure;
        _expected.Enqueue(new Expected(SmtpPhase.Greeting));
    }

    public SmtpCapabilities Capabilities { get; private set; } = SmtpCapabilities.None;

    public bool IsSecure { get; private set; }

    /// <summary>Where the server's next reply belongs.</summary>
    public SmtpPhase Phase => _expected.TryPeek(out var next) ? next.Phase : _step == SmtpClientStep.SendMessage ? SmtpPhase.Data : SmtpPhase.Ready;

    /// <summary>Why the session was closed; null while it is open, and after QUIT.</summary>
    public SmtpClientFailure? Failure { get; private set; }

    /// <summary>The reply that ended the session, if one did.</summary>
    public SmtpServerReply? FailureReply { get; private set; }

    /// <summary>What is to be written; the bytes are the caller's.</summary>
    public byte[] TakeOutput()
    {
        var bytes = _output.WrittenSpan.ToArray();
        _output.Clear();
        return bytes;
    }

    /// <param name="input">Moved past what was understood.</param>
    /// <returns>What to do next. <see cref="SmtpClientStep.NeedsInput"/> only when all input is used.</returns>
    public SmtpClientStep Advance(ref ReadOnlySpan<byte> input)
    {
        while (_step == SmtpClientStep.NeedsInput && !input.IsEmpty)
        {
            switch (_reader.Read(ref input, out var reply))
            {
                case SmtpReplyStatus.Malformed:
                    return Close(SmtpClientFailure.MalformedReply);
                case SmtpReplyStatus.Complete:
                    Take(reply!);
                    break;
            }
        }

        // Whatever comes while nothing is asked was not said to us: an answer to a command that is still to be given.
        return !input.IsEmpty && _step is not (SmtpClientStep.Closed or SmtpClientStep.NeedsInput) ? Close(Unasked()) : _step;
    }

    public void TlsStarted()
    {
        Require(SmtpClientStep.StartTls);
        IsSecure = true;

        // What was said in the clear may have been said by anybody (RFC 3207, 4.2).
        Capabilities = SmtpCapabilities.None;
        SayHello();
        _step = SmtpClientStep.NeedsInput;
    }

    /// <summary>Says good-bye; the server's answer may be waited for and need not be.</summary>
    public void Quit()
    {
        Require(SmtpClientStep.Ready, SmtpClientStep.Completed);
        Say(SmtpPhase.Quit, "QUIT");
        _step = SmtpClientStep.NeedsInput;
    }

    /// <summary>The connection has gone.</summary>
    public SmtpClientStep Disconnected() => _step == SmtpClientStep.Closed ? _step : Close(SmtpClientFailure.ServiceClosing);

    private SmtpClientFailure Unasked() =>
        _step == SmtpClientStep.StartTls ? SmtpClientFailure.BytesBehindStartTls : SmtpClientFailure.ReplyBeforeCommand;

    private void Take(SmtpServerReply reply)
    {
        if (!_expected.TryDequeue(out var expected))
        {
            Close(reply.Code == 421 ? SmtpClientFailure.ServiceClosing : SmtpClientFailure.ReplyBeforeCommand, reply);
            return;
        }

        // RFC 5321 §3.8: 421 may answer any command, and the connection is over.
        if (reply.Code == 421)
        {
            Close(SmtpClientFailure.ServiceClosing, reply, expected.Phase);
            return;
        }

        switch (expected.Phase)
        {
            case SmtpPhase.Greeting:
                TakeGreeting(reply);
                break;
            case SmtpPhase.Hello:
                TakeHello(reply, expected.IsFallback);
                break;
            case SmtpPhase.StartTls:
                TakeStartTls(reply);
                break;
            case SmtpPhase.Login:
                _ = reply.Code == 235 ? BecomeReady() : Close(SmtpClientFailure.LoginRefused, reply);
                break;
            case SmtpPhase.Quit:
                _step = SmtpClientStep.Closed;
                break;
            default:
                TakeOfTransaction(expected, reply);
                break;
        }
    }

    private void TakeGreeting(SmtpServerReply reply)
    {
        if (reply.Code != 220)
        {
            Close(SmtpClientFailure.GreetingRefused, reply);
            return;
        }

        SayHello();
    }

    private void TakeHello(SmtpServerReply reply, bool isFallback)
    {
        if (reply.Code == 250)
        {
            Capabilities = isFallback ? SmtpCapabilities.None : SmtpCapabilities.Of(reply);
            Secure();
        }
        else if (reply.IsPermanent && !isFallback)
        {
            // RFC 5321 §3.2: who does not know EHLO may know HELO.
            Say(SmtpPhase.Hello, $"HELO {_options.HelloName}", isFallback: true);
        }
        else
        {
            Close(SmtpClientFailure.HelloRefused, reply);
        }
    }

    private void Secure()
    {
        if (IsSecure || _options.Tls == SmtpTlsPolicy.Never || (!Capabilities.StartTls && _options.Tls == SmtpTlsPolicy.WhenOffered))
        {
            LogIn();
        }
        else if (!Capabilities.StartTls)
        {
            Close(SmtpClientFailure.TlsNotOffered);
        }
        else
        {
            Say(SmtpPhase.StartTls, "STARTTLS");
        }
    }

    private void TakeStartTls(SmtpServerReply reply)
    {
        if (reply.Code == 220)
        {
            _step = SmtpClientStep.StartTls;
        }
        else if (_options.Tls == SmtpTlsPolicy.Required)
        {
            Close(SmtpClientFailure.TlsRefused, reply);
        }
        else
        {
            LogIn();
        }
    }

    private void LogIn()
    {
        if (_options.Login is not { } login)
        {
            BecomeReady();
        }
        else if (!IsSecure || !Capabilities.AuthMechanisms.Contains("PLAIN"))
        {
            Close(SmtpClientFailure.LoginNotOffered);
        }
        else
        {
            Say(SmtpPhase.Login, "AUTH PLAIN " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"\0{login.User}\0{login.Password}")));
        }
    }

    private void SayHello() => Say(SmtpPhase.Hello, $"EHLO {_options.HelloName}");

    private void Say(SmtpPhase phase, string command, int recipient = -1, bool isFallback = false)
    {
        if (command.AsSpan().ContainsAny("\r\n\0"))
        {
            throw new ArgumentException("A command is one line.", nameof(command));
        }

        Encoding.UTF8.GetBytes(command + "\r\n", _output);
        _expected.Enqueue(new Expected(phase, recipient, isFallback));
    }

    private SmtpClientStep BecomeReady() => _step = SmtpClientStep.Ready;

    private SmtpClientStep Close(SmtpClientFailure failure, SmtpServerReply? reply = null, SmtpPhase? answered = null)
    {
        var phase = answered ?? Phase;
        Failure = failure;
        FailureReply = reply;
        _expected.Clear();
        FinishWith(new SmtpRecipientResult(SmtpVerdict.Transient, phase, reply, failure));
        return _step = SmtpClientStep.Closed;
    }

    private void Require(params ReadOnlySpan<SmtpClientStep> steps)
    {
        if (!steps.Contains(_step))
        {
            throw new InvalidOperationException($"The session is at {_step}.");
        }
    }

    /// <param name="Recipient">Which one, for RCPT.</param>
    /// <param name="IsFallback">HELO, not EHLO.</param>
    private readonly record struct Expected(SmtpPhase Phase, int Recipient = -1, bool IsFallback = false);

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
