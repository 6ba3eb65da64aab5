using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Belljar.Protocols.Smtp;

/// <summary>
/// The server's side of one connection (RFC 5321, with PIPELINING 2920, SIZE 1870, 8BITMIME 6152, SMTPUTF8 6531,
/// CHUNKING 3030, STARTTLS 3207, AUTH 4954 and ENHANCEDSTATUSCODES 2034). Bytes go in, replies come out; it knows no socket, clock or file.
/// </summary>
/// <remarks>
/// <code>
///                   EHLO           MAIL           RCPT           DATA            CRLF.CRLF
///   greeting ──▶ Command ──▶ … ──▶ Command ──▶ Command ──▶ Message ──▶ MessageComplete ──▶ Complete() ──▶ Command
///                                                 └─ BDAT n ──▶ Chunk ──▶ Command … BDAT n LAST ──▶┘
/// </code>
/// What the answer is never depends on how the bytes were cut.
/// </remarks>
public sealed partial class SmtpServerSession(SmtpServerOptions options, ISmtpRecipients recipients, ISmtpMessageSink sink, ISmtpLogin? login = null) : IMessageBytes
{
    private enum State
    {
        Command,
        OverlongLine,
        Message,
        Chunk,
        RefusedChunk,
        Storing,
        StartingTls,
        Closed,
    }

    /// <summary>What follows the limit before a peer that sends one endless line, or an endless message, is shown the door.</summary>
    private const int LongestOverlongLine = 64 * 1024;

    private static readonly SearchValues<byte> NotInHelloName = SearchValues.Create(" ()<>\\\""u8);

    private State _state;
    private byte[]? _line;
    private int _lineLength;
    private int _fruitless;
    private bool _afterRefusedData;

    /// <summary>What the client called itself; null before HELO or EHLO.</summary>
    public string? HelloName { get; private set; }

    /// <summary>EHLO was said, not HELO.</summary>
    public bool IsExtended { get; private set; }

    /// <summary>TLS is in use.</summary>
    public bool IsSecure { get; private set; } = options.IsSecure;

    /// <summary>The message under way; null outside of a transaction.</summary>
    public SmtpTransaction? Transaction { get; private set; }

    /// <summary>Octets of the message so far.</summary>
    public long MessageSize { get; private set; }

    /// <summary>Between messages: closing now loses the peer nothing.</summary>
    public bool IsIdle => _state == State.Command && Transaction is null;

    /// <summary>The first thing to send.</summary>
    public SmtpReply Greeting { get; } = new(220, null, $"{options.HostName} {options.Banner}");

    /// <summary>
    /// Takes input up to the next thing to do, and says what that is. Call it again with what is left of the input until it
    /// says <see cref="SmtpStepKind.NeedsInput"/>, <see cref="SmtpStepKind.MessageComplete"/> or <see cref="SmtpStepKind.Close"/>.
    /// </summary>
    /// <exception cref="InvalidOperationException">A message waits for <see cref="Complete"/>.</exception>
    public SmtpStep Advance(ref ReadOnlySpan<byte> input)
    {
        while (_state == State.Storing || !input.IsEmpty)
        {
            var step = _state switch
            {
                State.Command => ReadCommand(ref input),
                State.OverlongLine => SkipOverlongLine(ref input),
                State.Message => ReadMessage(ref input),
                State.Chunk => ReadChunk(ref input),
                State.RefusedChunk => SkipRefusedChunk(ref input),
                State.StartingTls => Close(SmtpReplies.SpokeBeforeTls, SmtpVerb.StartTls),
                State.Closed => Ignore(ref input),
                _ => throw new InvalidOperationException("The message is not answered yet."),
            };

            if (step.Kind != SmtpStepKind.NeedsInput)
            {
                return step;
            }
        }

        return default;
    }

    /// <summary>Answers the message that <see cref="SmtpStepKind.MessageComplete"/> announced; the transaction ends with it.</summary>
    /// <returns>The step that sends the reply.</returns>
    public SmtpStep Complete(SmtpReply reply)
    {
        if (_state != State.Storing)
        {
            throw new InvalidOperationException("There is no message to answer.");
        }

        _state = State.Command;
        _fruitless = reply.IsPositive ? 0 : _fruitless;
        EndTransaction();
        return Replied(reply, SmtpVerb.Data);
    }

    /// <summary>
    /// The handshake is done: nothing that the client said before it counts (RFC 3207 §4.2), because somebody else may have
    /// said it. What is counted against it still does.
    /// </summary>
    /// <exception cref="InvalidOperationException">STARTTLS was not the last command.</exception>
    public void TlsStarted()
    {
        if (_state != State.StartingTls)
        {
            throw new InvalidOperationException("No TLS was to be started.");
        }

        _state = State.Command;
        IsSecure = true;
        HelloName = null;
        IsExtended = false;
        Identity = null;
        EndTransaction();
    }

    /// <summary>Ends the session from this side: 421, whatever was under way.</summary>
    public SmtpStep End(SmtpReply reply) => Close(reply, SmtpVerb.None);

    private static SmtpStep Ignore(ref ReadOnlySpan<byte> input)
    {
        input = default;
        return new SmtpStep(SmtpStepKind.Close);
    }

    private static SmtpStep Replied(SmtpReply reply, SmtpVerb verb) => new(SmtpStepKind.Replied, reply, verb);

    private SmtpStep Close(SmtpReply reply, SmtpVerb verb)
    {
        _state = State.Closed;
        EndTransaction();
        return new SmtpStep(SmtpStepKind.Close, reply, verb);
    }

    private void EndTransaction()
    {
        if (Transaction is not null)
        {
            sink.Reset();
        }

        Transaction = null;
        MessageSize = 0;
        _chunksUnderWay = false;
        _scanner = default;
    }

    /// <summary>Finds one line. Only CRLF ends it; a CR or LF elsewhere is refused before anybody can read it differently.</summary>
    private SmtpStep ReadCommand(ref ReadOnlySpan<byte> input)
    {
        var end = input.IndexOf((byte)'\n');
        var part = end < 0 ? input : input[..(end + 1)];
        input = input[part.Length..];
        if (_lineLength + part.Length > options.LongestLine)
        {
            _lineLength += part.Length;
            return end < 0 ? BeginOverlongLine() : EndOverlongLine();
        }

        if (end < 0 || _lineLength > 0)
        {
            _line ??= new byte[options.LongestLine];
            part.CopyTo(_line.AsSpan(_lineLength));
            _lineLength += part.Length;
            if (end < 0)
            {
                return default;
            }

            part = _line.AsSpan(0, _lineLength);
        }

        _lineLength = 0;
        return part.IndexOfAny((byte)'\r', (byte)'\n') == part.Length - 2 && part[^2] == (byte)'\r'
            ? Answer(part[..^2])
            : Close(SmtpReplies.BadLineEnd, SmtpVerb.None);
    }

    private SmtpStep BeginOverlongLine()
    {
        _state = State.OverlongLine;
        return _lineLength > LongestOverlongLine ? Close(SmtpReplies.LineFarTooLong, SmtpVerb.None) : default;
    }

    private SmtpStep SkipOverlongLine(ref ReadOnlySpan<byte> input)
    {
        var end = input.IndexOf((byte)'\n');
        var length = end < 0 ? input.Length : end + 1;
        input = input[length..];
        _lineLength = Math.Min(_lineLength + length, LongestOverlongLine + 1);
        return end < 0 ? BeginOverlongLine() : EndOverlongLine();
    }

    private SmtpStep EndOverlongLine()
    {
        var farTooLong = _lineLength > LongestOverlongLine;
        _state = State.Command;
        _lineLength = 0;
        _exchange = null;
        return farTooLong ? Close(SmtpReplies.LineFarTooLong, SmtpVerb.None) : Count(Replied(SmtpReplies.LineTooLong, SmtpVerb.None));
    }

    /// <summary>Every command counts that brought no message nearer; who has sent too many of them is not here to send mail.</summary>
    private SmtpStep Count(SmtpStep step)
    {
        var fruitful = step.Kind == SmtpStepKind.Close
            || step is { Verb: SmtpVerb.Rcpt or SmtpVerb.Data, Reply.IsRefusal: false };
        if (fruitful || ++_fruitless <= options.MostFruitlessCommands)
        {
            return step;
        }

        return Close(SmtpReplies.NoProgress, step.Verb);
    }

    private SmtpStep Answer(ReadOnlySpan<byte> line)
    {
        if (_exchange is not null)
        {
            return Count(AnswerResponse(line));
        }

        if (SmtpVerbs.IsHttp(line))
        {
            return Close(SmtpReplies.NotSmtp, SmtpVerb.None);
        }

        var verb = SmtpVerbs.Parse(line, out var argument);
        if (_afterRefusedData && verb is SmtpVerb.None)
        {
            // It sends the message all the same, and its lines are not commands.
            return Close(SmtpReplies.UnexpectedData, verb);
        }

        // The octets of a chunk follow its command whatever we think of it, so BDAT goes its own way.
        var step = verb is SmtpVerb.Bdat
            ? AnswerBdat(HasOddBytes(line) ? default : argument)
            : Count(HasOddBytes(line) ? Replied(SmtpReplies.BadCharacters, verb) : Answer(verb, argument));
        _afterRefusedData = step is { Verb: SmtpVerb.Data, Reply.IsRefusal: true };
        return step;
    }

    private static bool HasOddBytes(ReadOnlySpan<byte> line) =>
        line.ContainsAnyInRange<byte>(0, 0x1F) || line.Contains((byte)0x7F) || !Utf8.IsValid(line);

    private SmtpStep Answer(SmtpVerb verb, ReadOnlySpan<byte> argument) => verb switch
    {
        SmtpVerb.Helo or SmtpVerb.Ehlo => AnswerHello(verb, argument),
        SmtpVerb.Mail => Replied(AnswerMail(argument), verb),
        SmtpVerb.Rcpt => AnswerRcpt(argument),
        SmtpVerb.Data or SmtpVerb.Rset or SmtpVerb.Quit when !argument.IsEmpty => Replied(SmtpReplies.NoArgumentAllowed, verb),
        SmtpVerb.Data => AnswerData(),
        SmtpVerb.Rset => AnswerRset(),
        SmtpVerb.Quit => Close(SmtpReplies.Bye, verb),
        SmtpVerb.Noop => Replied(SmtpReplies.Ok, verb),
        SmtpVerb.Help => Replied(SmtpReplies.Help, verb),
        SmtpVerb.Vrfy => Replied(argument.IsEmpty ? SmtpReplies.ArgumentNeeded : SmtpReplies.CannotVerify, verb),
        SmtpVerb.Expn => Replied(SmtpReplies.ExpansionRefused, verb),

        SmtpVerb.StartTls => AnswerStartTls(argument),
        SmtpVerb.Auth => AnswerAuth(argument),
        _ => Replied(SmtpReplies.UnknownCommand, verb),
    };

    private SmtpStep AnswerHello(SmtpVerb verb, ReadOnlySpan<byte> name)
    {
        if (!IsHelloName(name))
        {
            return Replied(SmtpReplies.BadHelloName, verb);
        }

        EndTransaction();
        HelloName = Encoding.UTF8.GetString(name);
        IsExtended = verb is SmtpVerb.Ehlo;
        return Replied(!IsExtended ? _hello : IsSecure ? Extensions(options, Logins()) : _extensions, verb);
    }

    private SmtpStep AnswerStartTls(ReadOnlySpan<byte> argument)
    {
        if ((options.OffersStartTls, IsSecure) is not (true, false))
        {
            return Replied(IsSecure ? SmtpReplies.TlsInUse : SmtpReplies.NotImplemented, SmtpVerb.StartTls);
        }

        if (!argument.IsEmpty || Transaction is not null)
        {
            return Replied(Transaction is null ? SmtpReplies.NoArgumentAllowed : SmtpReplies.NestedMail, SmtpVerb.StartTls);
        }

        _state = State.StartingTls;
        return new SmtpStep(SmtpStepKind.StartTls, SmtpReplies.ReadyForTls, SmtpVerb.StartTls);
    }

    /// <summary>Clients call themselves many things; it need not be a domain, only harmless in a Received field.</summary>
    private static bool IsHelloName(ReadOnlySpan<byte> name) =>
        name.Length is > 0 and <= 255 && !name.ContainsAny(NotInHelloName);
}
