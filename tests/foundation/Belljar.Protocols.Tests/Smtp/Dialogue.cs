using System.Text;
using Belljar.Protocols.Smtp;

namespace Belljar.Protocols.Tests.Smtp;

/// <summary>
/// Plays a script: lines with <c>C:</c> are sent, lines with <c>S:</c> are what must come back. Then the client's bytes go
/// to a fresh session one at a time, and to others cut in two at every place: the answers must be the same.
/// </summary>
internal static class Dialogue
{
    public static SmtpPeer Play(string script, SmtpServerOptions? options = null)
    {
        var lines = script.ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Trim()).ToList();
        var client = string.Concat(lines.Where(line => line.StartsWith("C:", StringComparison.Ordinal)).Select(Text));
        var server = string.Concat(lines.Where(line => line.StartsWith("S:", StringComparison.Ordinal)).Select(Text));

        var inTurn = new SmtpPeer(options);
        foreach (var line in lines.Where(line => line.StartsWith("C:", StringComparison.Ordinal)))
        {
            inTurn.Send(Text(line));
        }

        Assert.Equal(server, inTurn.Replies);
        EveryCut(Encoding.UTF8.GetBytes(client), options);
        return inTurn;
    }

    /// <summary>However the bytes are cut, the answers and the messages are the same.</summary>
    public static SmtpPeer EveryCut(byte[] bytes, SmtpServerOptions? options = null)
    {
        var whole = new SmtpPeer(options);
        whole.Send(bytes);
        var single = new SmtpPeer(options);
        foreach (var b in bytes)
        {
            single.Send([b]);
        }

        AssertSame(whole, single, "byte by byte");
        for (var cut = 1; cut < bytes.Length; cut++)
        {
            var halves = new SmtpPeer(options);
            halves.Send(bytes.AsSpan(0, cut));
            halves.Send(bytes.AsSpan(cut));
            AssertSame(whole, halves, $"cut at {cut}");
        }

        return whole;
    }

    public static void AssertSame(SmtpPeer expected, SmtpPeer actual, string how)
    {
        if (expected.Replies != actual.Replies || expected.IsClosed != actual.IsClosed)
        {
            Assert.Fail($"{how}:\n{actual.Replies}\ninstead of:\n{expected.Replies}");
        }

        Assert.Equal(expected.Messages.Select(message => message.Text), actual.Messages.Select(message => message.Text));
    }

    private static string Text(string line) => (line.Length > 2 ? line[3..] : "") + "\r\n";
}
