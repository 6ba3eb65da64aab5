using System.Globalization;
using System.Text;
using Belljar.Decoys.Dialogues;
using Belljar.Decoys.Logins;

namespace Belljar.Decoys.Smtp;

/// <summary>
/// One connection to Postfix as Debian configures it. The engine's own SMTP core is not spoken here: it is strict where Postfix is
/// lenient, and its texts are its own. Mail for the host's people is taken and goes nowhere; nothing is relayed.
/// </summary>
/// <param name="hostname">In the greeting, and the one domain that it takes mail for.</param>
/// <param name="people">Who has a mailbox here.</param>
/// <param name="door">Null: no login is offered.</param>
internal sealed partial class SmtpDialogue(string hostname, IReadOnlyCollection<string> people, DoorKeeper? door) : IDialogue
{
    /// <summary>A longer line is cut into several by Postfix; here the rest of it is dropped.</summary>
    private const int LongestLine = 2048;

    private const int LongestUnended = 64 * 1024;
    private const long LargestMessage = 10_240_000;
    private const int MostErrors = 20;
    private const int MostRecipients = 1000;

    private bool _isSecure;
    private bool _hasSender;
    private bool _askedForMessage;
    private int _recipients;
    private int _errors;
    private string? _loginMechanism;
    private string? _loginName;

    public TimeSpan Patience => TimeSpan.FromMinutes(5);

    public Step Begin() => Step.Say($"220 {hostname} ESMTP Postfix (Debian/GNU)\r\n");

    public Step TimedOut() => Step.Say($"421 4.4.2 {hostname} Error: timeout exceeded\r\n").Closing();

    public Step Take(ReadOnlySpan<byte> unread)
    {
        if (_askedForMessage)
        {
            return Message(unread);
        }

        if (_chunk > 0)
        {
            return Chunk(unread);
        }

        if (!LineReader.TryRead(unread, out var line, out var consumed))
        {
            return unread.Length > LongestUnended ? new Step { Consumed = unread.Length, Closes = true } : Step.NeedsMore;
        }

        line = line[..Math.Min(line.Length, LongestLine)];
        if (_loginMechanism is not null)
        {
            return LoginLine(line).After(consumed);
        }

        var step = Answer(line).After(consumed);
        var reply = Encoding.Latin1.GetString(step.Answer.Span);
        step = step.Reports.Count > 0 ? step : step.Reporting(new CommandGiven(line, reply.Length < 3 ? null : reply[..3]));
        return reply.Length > 0 && reply[0] is '4' or '5' ? Counted(step) : step;
    }

    /// <summary>After twenty errors the twenty-first command is answered by the end.</summary>
    private Step Counted(Step step)
    {
        _errors++;
        return _errors > MostErrors ? step with { Answer = Encoding.Latin1.GetBytes($"421 4.7.0 {hostname} Error: too many errors\r\n"), Closes = true } : step;
    }

    private Step Answer(string line)
    {
        if (line.AsSpan().Trim(" \t").IsEmpty)
        {
            return Say("500 5.5.2 Error: bad syntax");
        }

        var (verb, argument) = SmtpWords.Split(line);
        switch (verb)
        {
            case "HELO" or "EHLO" when argument.Length == 0:
                return Say($"501 Syntax: {verb} hostname");
            case "HELO":
                Reset();
                return Say($"250 {hostname}");
            case "EHLO":
                Reset();
                return Step.Say(Offers());
            case "MAIL":
                return Mail(argument);
            case "RCPT":
                return Recipient(argument);
            case "DATA":
                return Data(argument);
            case "BDAT":
                return BeginChunk(argument);
            case "RSET":
                if (argument.Length > 0)
                {
                    return Say("501 5.5.4 Syntax: RSET");
                }

                Reset();
                return Say("250 2.0.0 Ok");
            case "NOOP":
                return Say("250 2.0.0 Ok");
            case "QUIT":
                return Say("221 2.0.0 Bye").Closing();
            case "VRFY":
                return Verify(argument);
            case "ETRN":
                return Say(argument.Length == 0 ? "500 Syntax: ETRN domain" : $"459 <{argument}>: service unavailable");
            case "STARTTLS":
                return argument.Length > 0 ? Say("501 5.5.4 Syntax: STARTTLS") : StartTls();
            case "AUTH":
                return door is null ? Say("503 5.5.1 Error: authentication not enabled") : LogIn(argument);
            case "XCLIENT" or "XFORWARD":
                return Say(argument.Length == 0 ? $"501 5.5.4 Syntax: {verb} attribute=value..." : $"550 5.7.0 Error: insufficient authorization");
            default:
                return SmtpWords.IsNoSmtp(verb) ? Say("221 2.7.0 Error: I can break rules, too. Goodbye.").Closing() : Say("500 5.5.2 Error: command not recognized");
        }
    }

    private string Offers()
    {
        string[] words =
        [
            hostname, "PIPELINING", "SIZE 10240000", "VRFY", "ETRN", .. _isSecure ? (string[])[] : ["STARTTLS"], .. door is null ? (string[])[] : ["AUTH PLAIN LOGIN"],
            "ENHANCEDSTATUSCODES", "8BITMIME", "DSN", "SMTPUTF8", "CHUNKING",
        ];
        return string.Concat(words.Select((word, i) => $"250{(i == words.Length - 1 ? ' ' : '-')}{word}\r\n"));
    }

    private Step StartTls()
    {
        if (_isSecure)
        {
            return Say("554 5.5.1 Error: TLS already active");
        }

        Reset();
        _isSecure = true;
        return Say("220 2.0.0 Ready to start TLS") with { StartsTls = true };
    }

    private Step Mail(string argument)
    {
        if (_hasSender)
        {
            return Say("503 5.5.1 Error: nested MAIL command");
        }

        if (!SmtpWords.TryPath(argument, "FROM:", out var path, out var parameters))
        {
            return Say("501 5.5.4 Syntax: MAIL FROM:<address>");
        }

        if (path is null)
        {
            return Say("501 5.1.7 Bad sender address syntax");
        }

        foreach (var parameter in parameters)
        {
            if (parameter.StartsWith("SIZE=", StringComparison.OrdinalIgnoreCase) && long.TryParse(parameter[5..], NumberStyles.None, CultureInfo.InvariantCulture, out var size))
            {
                if (size > LargestMessage)
                {
                    return Say("552 5.3.4 Message size exceeds fixed limit");
                }
            }
            else if (parameter.ToUpperInvariant() is not ("BODY=7BIT" or "BODY=8BITMIME" or "SMTPUTF8") && !parameter.StartsWith("RET=", StringComparison.OrdinalIgnoreCase)
                && !parameter.StartsWith("ENVID=", StringComparison.OrdinalIgnoreCase))
            {
                return Say($"555 5.5.4 Unsupported option: {parameter}");
            }
        }

        _hasSender = true;
        return Say("250 2.1.0 Ok");
    }

    private Step Recipient(string argument)
    {
        if (!_hasSender)
        {
            return Say("503 5.5.1 Error: need MAIL command");
        }

        if (!SmtpWords.TryPath(argument, "TO:", out var path, out var parameters))
        {
            return Say("501 5.5.4 Syntax: RCPT TO:<address>");
        }

        if (path is null or "")
        {
            return Say("501 5.1.3 Bad recipient address syntax");
        }

        var option = parameters.FirstOrDefault(parameter => !parameter.StartsWith("NOTIFY=", StringComparison.OrdinalIgnoreCase) && !parameter.StartsWith("ORCPT=", StringComparison.OrdinalIgnoreCase));
        if (option is not null)
        {
            return Say($"555 5.5.4 Unsupported option: {option}");
        }

        if (Refusal(path) is { } refusal)
        {
            return Say(refusal);
        }

        if (_recipients >= MostRecipients)
        {
            return Say("452 4.5.3 Error: too many recipients");
        }

        _recipients++;
        return Say("250 2.1.5 Ok");
    }

    /// <returns>Why nothing is taken for it; null when it is somebody here.</returns>
    private string? Refusal(string address)
    {
        var at = address.LastIndexOf('@');
        var (local, domain) = at < 0 ? (address, hostname) : (address[..at], address[(at + 1)..]);
        var isHere = domain.Equals(hostname, StringComparison.OrdinalIgnoreCase) || domain.Equals("localhost", StringComparison.OrdinalIgnoreCase);
        if (!isHere || local.Contains('%') || local.Contains('!'))
        {
            return $"454 4.7.1 <{address}>: Relay access denied";
        }

        return people.Contains(local.ToLowerInvariant()) ? null : $"550 5.1.1 <{address}>: Recipient address rejected: User unknown in local recipient table";
    }

    private Step Verify(string argument)
    {
        if (argument.Length == 0)
        {
            return Say("501 5.5.4 Syntax: VRFY address [SMTPUTF8]");
        }

        var address = argument.Trim('<', '>');
        return Say(Refusal(address) ?? $"252 2.0.0 {address}");
    }

    private void Reset() => (_hasSender, _recipients, _chunk) = (false, 0, 0);

    private static Step Say(string reply) => Step.Say(reply + "\r\n");
}
