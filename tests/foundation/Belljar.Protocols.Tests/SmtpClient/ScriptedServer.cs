using System.Buffers;
using System.Text;
using Belljar.Protocols.SmtpClient;

namespace Belljar.Protocols.Tests.SmtpClient;

/// <summary>
/// Plays a server to a session. Lines with <c>S:</c> are said to it, lines with <c>C:</c> are what it must say; <c>TLS</c> is a
/// handshake, <c>GONE</c> the end of the connection. Messages are begun when the session is ready; then it quits.
/// </summary>
internal sealed class ScriptedServer
{
    public const string Message = "Subject: x\r\n\r\n.dot\r\n";

    private readonly Queue<SmtpEnvelope> _envelopes;
    private readonly StringBuilder _said = new();

    public ScriptedServer(SmtpClientSession session, params IEnumerable<SmtpEnvelope> envelopes)
    {
        Session = session;
        _envelopes = new Queue<SmtpEnvelope>(envelopes);
    }

    public SmtpClientSession Session { get; }

    public List<IReadOnlyList<SmtpRecipientResult>> Results { get; } = [];

    public SmtpClientStep Step { get; private set; }

    /// <summary>Plays it with the server's words in one piece, then byte by byte: the same must be said and come out.</summary>
    public static ScriptedServer Play(string script, SmtpClientOptions options, params SmtpEnvelope[] envelopes)
    {
        var whole = new ScriptedServer(new SmtpClientSession(options), envelopes);
        whole.Run(script, int.MaxValue);
        var single = new ScriptedServer(new SmtpClientSession(options), envelopes);
        single.Run(script, 1);
        Assert.Equal(whole.Step, single.Step);
        Assert.Equal(whole.Session.Failure, single.Session.Failure);
        Assert.Equal(whole.Verdicts, single.Verdicts);
        return whole;
    }

    /// <summary>Of all messages, in order.</summary>
    public IReadOnlyList<SmtpVerdict> Verdicts => [.. Results.SelectMany(results => results).Select(result => result.Verdict)];

    public void Run(string script, int piece)
    {
        var server = new List<byte>();
        foreach (var line in script.ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Trim()))
        {
            if (line.StartsWith("S:", StringComparison.Ordinal))
            {
                server.AddRange(Encoding.UTF8.GetBytes(line[3..] + "\r\n"));
                continue;
            }

            Say([.. server], piece);
            server.Clear();
            switch (line)
            {
                case "TLS":
                    Assert.Equal(SmtpClientStep.StartTls, Step);
                    Session.TlsStarted();
                    Gather();
                    Step = SmtpClientStep.NeedsInput;
                    break;
                case "GONE":
                    Step = Session.Disconnected();
                    React();
                    break;
                default:
                    TakeLine(line is "C:" ? "" : line[3..]);
                    break;
            }
        }

        Say([.. server], piece);
        Assert.Equal("", _said.ToString());
    }

    /// <summary>Anything at all, line by line; handshakes succeed.</summary>
    public void Feed(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty && Step != SmtpClientStep.Closed)
        {
            var end = bytes.IndexOf((byte)'\n');
            Say((end < 0 ? bytes : bytes[..(end + 1)]).ToArray(), int.MaxValue);
            bytes = end < 0 ? default : bytes[(end + 1)..];
            if (Step == SmtpClientStep.StartTls)
            {
                Session.TlsStarted();
                Step = SmtpClientStep.NeedsInput;
            }
        }

        Step = Session.Disconnected();
        React();
    }

    private void Say(byte[] bytes, int piece)
    {
        for (var at = 0; at < bytes.Length && Step != SmtpClientStep.Closed; at += Math.Min(piece, bytes.Length))
        {
            ReadOnlySpan<byte> input = bytes.AsSpan(at, Math.Min(piece, bytes.Length - at));
            Step = Session.Advance(ref input);
            React();
        }
    }

    private void React()
    {
        Gather();
        if (Step is SmtpClientStep.Completed or SmtpClientStep.Closed && Session.Results is not [] && !Results.Contains(Session.Results))
        {
            Results.Add(Session.Results);
        }

        if (Step is SmtpClientStep.Ready or SmtpClientStep.Completed)
        {
            if (_envelopes.TryDequeue(out var envelope))
            {
                Step = Session.Begin(envelope);
                React();
                return;
            }

            Session.Quit();
            Gather();
        }
        else if (Step == SmtpClientStep.SendMessage)
        {
            var data = new ArrayBufferWriter<byte>();
            var stuffing = new DotStuffing();
            stuffing.Write(Encoding.UTF8.GetBytes(Message), data);
            stuffing.End(data);
            _said.Append(Encoding.UTF8.GetString(data.WrittenSpan));
            Session.MessageSent();
        }
    }

    private void Gather() => _said.Append(Encoding.UTF8.GetString(Session.TakeOutput()));

    private void TakeLine(string expected)
    {
        var said = _said.ToString();
        var end = said.IndexOf("\r\n", StringComparison.Ordinal);
        Assert.True(end >= 0, $"expected '{expected}', and nothing was said (at {Step}, {Session.Failure})");
        Assert.Equal(expected, said[..end]);
        _said.Remove(0, end + 2);
    }
}
