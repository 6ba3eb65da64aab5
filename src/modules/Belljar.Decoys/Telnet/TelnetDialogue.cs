using System.Text;
using Belljar.Decoys.Dialogues;

namespace Belljar.Decoys.Telnet;

/// <summary>
/// Debian's telnetd with login(1) behind it. First it asks what the client can do, and nothing else happens until that is answered
/// (RFC 854, 855); then a name and a password are asked for, and nobody gets in.
/// </summary>
internal sealed class TelnetDialogue(DecoyIdentity identity) : IDialogue
{
    private const byte Iac = 255, Dont = 254, Do = 253, Wont = 252, Will = 251, Begins = 250, AreYouThere = 246, Ends = 240;
    private const byte Echo = 1, StatusOption = 5, TimingMark = 6, TerminalType = 24, WindowSize = 31, TerminalSpeed = 32, FlowControl = 33, XDisplay = 35, Environ = 39;
    private const int LongestLine = 256;
    private const int LongestNegotiation = 2048;
    private const int MostFailures = 5;
    private const string Kernel = "6.1.0-37-amd64";

    /// <summary>What PAM waits before it says no.</summary>
    private static readonly TimeSpan FailureDelay = TimeSpan.FromSeconds(2.9);

    private static readonly byte[] FirstQuestions =
        [Iac, Will, 37, Iac, Will, 38, Iac, Do, TerminalType, Iac, Do, TerminalSpeed, Iac, Do, XDisplay, Iac, Do, Environ, Iac, Do, 36];

    private static readonly byte[] SecondQuestions =
        [Iac, Will, 3, Iac, Do, Echo, Iac, Do, 34, Iac, Do, WindowSize, Iac, Will, StatusOption, Iac, Do, FlowControl];

    /// <summary>Those of the first questions that are still unanswered, and those whose particulars are.</summary>
    private readonly HashSet<byte> _open = [37, 38, TerminalType, TerminalSpeed, XDisplay, Environ, 36];

    private readonly HashSet<byte> _particulars = [];
    private readonly StringBuilder _line = new();
    private readonly string _host = identity.Hostname.Split('.')[0];
    private State _state;
    private string _name = "";
    private int _failures;
    private bool _echoes;
    private byte? _echoAnswer;

    private enum State
    {
        Asking,
        AskingMore,
        Name,
        Password,
    }

    public TimeSpan Patience => TimeSpan.FromSeconds(60);

    private string Prompt => $"{_host} login: ";

    public Step Begin() => Step.Say(FirstQuestions);

    public Step TimedOut() => _state is State.Asking or State.AskingMore ? Step.NeedsMore : Step.Say("\r\nLogin timed out after 60 seconds.\r\n").Closing();

    /// <summary>While it asks, it takes all that has arrived before it goes on asking.</summary>
    public Step Take(ReadOnlySpan<byte> unread)
    {
        if (_state is State.Name or State.Password)
        {
            return TakeOne(unread);
        }

        var answer = new List<byte>();
        var consumed = 0;
        while (consumed < unread.Length && TakeOne(unread[consumed..]) is { Consumed: > 0 } one)
        {
            consumed += one.Consumed;
            answer.AddRange(one.Answer.Span);
            if (one.Closes)
            {
                return one.After(consumed);
            }
        }

        if (_state is State.Asking && _open.Count == 0 && _particulars.Count == 0)
        {
            _state = State.AskingMore;
            answer.AddRange(SecondQuestions);
        }
        else if (_echoAnswer is { } verb)
        {
            answer.AddRange(Greet(verb));
        }

        return Step.Say(answer.ToArray()).After(consumed);
    }

    private Step TakeOne(ReadOnlySpan<byte> unread)
    {
        if (unread[0] != Iac)
        {
            return _state is State.Asking or State.AskingMore ? new Step { Consumed = 1 } : Key(unread);
        }

        if (unread.Length < 2)
        {
            return Step.NeedsMore;
        }

        switch (unread[1])
        {
            case Will or Wont or Do or Dont:
                return unread.Length < 3 ? Step.NeedsMore : Negotiate(unread[1], unread[2]).After(3);
            case Begins:
                var end = unread.IndexOf((ReadOnlySpan<byte>)[Iac, Ends]);
                return end >= 0 ? Particulars(unread[2]).After(end + 2)
                    : unread.Length > LongestNegotiation ? new Step { Consumed = unread.Length, Closes = true }
                    : Step.NeedsMore;
            case AreYouThere:
                return Step.Say("\r\n[Yes]\r\n").After(2);
            default:
                return new Step { Consumed = 2 };
        }
    }

    private Step Negotiate(byte verb, byte option)
    {
        if (_state is State.Asking && _open.Remove(option))
        {
            if (verb is Will && option is (TerminalType or TerminalSpeed or XDisplay or Environ))
            {
                _particulars.Add(option);
            }

            return _open.Count > 0 || _particulars.Count == 0
                ? new Step()
                : Step.Say((byte[])[.. new[] { TerminalSpeed, XDisplay, Environ, TerminalType }.Where(_particulars.Contains).SelectMany(asked => new byte[] { Iac, Begins, asked, 1, Iac, Ends })]);
        }

        switch (verb, option)
        {
            case (Wont or Will, Echo) when _state is State.AskingMore:
                _echoAnswer = verb;
                return new Step();
            case (Will, FlowControl):
                return Step.Say(new byte[] { Iac, Begins, FlowControl, 3, Iac, Ends });
            case (Do, Echo):
                // Asked for, or an answer: said once.
                var says = _state is State.AskingMore && !_echoes;
                _echoes = true;
                return says ? Step.Say(new byte[] { Iac, Will, Echo }) : new Step();
            case (Do, 0 or 3 or StatusOption or 37 or 38) or (Will or Wont, 0 or Echo or TimingMark or WindowSize or 34 or FlowControl or 36) or (Dont, _) or (Wont, _):
                return new Step();
            case (Do, TimingMark):
                return Step.Say(new byte[] { Iac, Will, TimingMark });
            case (Do, _):
                return Step.Say(new byte[] { Iac, Wont, option });
            default:
                return Step.Say(new byte[] { Iac, Dont, option });
        }
    }

    private Step Particulars(byte option)
    {
        _particulars.Remove(option);
        return new Step();
    }

    /// <summary>Who echoes is settled: the terminal opens.</summary>
    private byte[] Greet(byte verb)
    {
        _state = State.Name;
        byte[] echo = _echoes ? [] : [Iac, Will, Echo];
        byte[] marks = verb is Wont ? [Iac, Do, TimingMark, Iac, Do, 0] : [];
        _echoes = true;
        return [.. echo, .. marks, .. Encoding.ASCII.GetBytes($"\r\nLinux {Kernel} ({_host}) (pts/0)\r\n\r\n{Prompt}")];
    }

    private Step Key(ReadOnlySpan<byte> unread)
    {
        switch (unread[0])
        {
            case (byte)'\r' when unread.Length < 2:
                return Step.NeedsMore;
            case (byte)'\r':
                return Enter().After(unread[1] is (byte)'\n' or 0 ? 2 : 1);
            case (byte)'\n':
                return Enter().After(1);
            case 3 or 4 when unread[0] == 3 || _line.Length == 0:
                return new Step { Consumed = 1, Closes = true };
            case 8 or 127:
                var erases = _line.Length > 0;
                _line.Length -= erases ? 1 : 0;
                return Step.Say(erases && _state is State.Name ? "\b \b" : "").After(1);
            case 0:
                return new Step { Consumed = 1 };
        }

        if (_line.Length < LongestLine)
        {
            _line.Append((char)unread[0]);
        }

        return Step.Say(_state is State.Name ? unread[..1].ToArray() : []).After(1);
    }

    private Step Enter()
    {
        var line = _line.ToString();
        _line.Clear();
        if (_state is State.Name)
        {
            if (line.Length == 0)
            {
                return Step.Say($"\r\n{Prompt}");
            }

            (_name, _state) = (line, State.Password);
            return Step.Say("\r\nPassword: ");
        }

        _state = State.Name;
        var attempt = new AuthAttempt(_name, "login", "password", line, false);
        return ++_failures < MostFailures
            ? Step.Say($"\r\n\r\nLogin incorrect\r\n{Prompt}").Reporting(attempt) with { Pause = FailureDelay }
            : Step.Say($"\r\n\r\nLogin incorrect\r\nMaximum number of tries exceeded ({MostFailures})\r\n").Reporting(attempt).Closing() with { Pause = FailureDelay };
    }
}
