using System.Text;
using Belljar.Contracts.Wire;

namespace Belljar.Mail.Tests.LocalSocket;

/// <summary>10,000 frames that nobody would write, over a real socket, to a daemon that sends and makes mailboxes.</summary>
public sealed class RandomFramesTests
{
    private const int Frames = 10_000;
    private const string Letter = "From: agent@mx.test\nTo: bob@b.example\nSubject: x\n\nx\n";

    private static readonly string[] Pieces =
    [
        "AIMX/1 ", "MARK-READ", "SEND", "DELETE", "VERSION", "\n", "\r\n", "\n\n", "Mailbox: agent\n", "Id: ../x\n", "Content-Length: 5\n", "Content-Length: 99999999\n",
        "Name: x\n", "Event: on_receive\n", "{\"run\":[\"/bin/true\"]}", "\0", "é", ":", " ",
    ];

    private static readonly byte[][] Valid =
    [
        .. new[]
        {
            "AIMX/1 VERSION\n\n",
            "AIMX/1 MAILBOX-LIST\n\n",
            "AIMX/1 MAILBOX-CREATE\nName: made\nOwner: nobody\n\n",
            "AIMX/1 MAILBOX-DELETE\nName: made\nForce: true\n\n",
            "AIMX/1 HOOK-LIST\nMailbox: agent\n\n",
            "AIMX/1 HOOK-CREATE\nMailbox: agent\nEvent: on_receive\nName: wake\nContent-Length: 21\n\n{\"run\":[\"/bin/true\"]}",
            "AIMX/1 HOOK-DELETE\nMailbox: agent\nName: wake\n\n",
            "AIMX/1 MARK-READ\nMailbox: agent\nId: 2026-01-01-000000-x\n\n",
            "AIMX/1 MARK-UNREAD\nMailbox: agent\nId: 2026-01-01-000000-x\nFolder: sent\n\n",
            "AIMX/1 LABEL\nMailbox: agent\nId: x\nLabels: a, b\n\n",
            "AIMX/1 MOVE\nMailbox: agent\nId: x\nTo: second\n\n",
            "AIMX/1 DELETE\nMailbox: agent\nId: x\n\n",
            $"AIMX/1 SEND\nContent-Length: {Letter.Length}\nText-Only: true\n\n{Letter}",
            $"AIMX/1 SEND\nContent-Length: {Letter.Length}\nHtml-Body-Length: 8\nIdempotency-Key: k\n\n{Letter}<p>x</p>",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    [Fact]
    public async Task RandomFrames_NeitherCrashNorHangTheDaemon()
    {
        await using var mail = new LocalMail(ownerOf: _ => PeerCredentials.OwnUid);
        await mail.StartAsync();
        var random = new Random(11);
        for (var i = 0; i < Frames; i++)
        {
            var frame = (i % 5) switch
            {
                0 => Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, random.Next(1, 12)).Select(_ => Pieces[random.Next(Pieces.Length)]))),
                1 => Noise(random, random.Next(300)),
                2 => Changed(random, Valid[random.Next(Valid.Length)]),
                3 => Valid[random.Next(Valid.Length)] is var whole ? whole[..random.Next(whole.Length)] : [],
                _ => TooLong(random),
            };
            var reply = await mail.AskAsync(frame);
            Assert.True(reply.StartsWith("AIMX/1 ", StringComparison.Ordinal), $"frame {i} got '{reply}': {Convert.ToHexString(frame)}");
        }

        foreach (var frame in Valid)
        {
            Assert.StartsWith("AIMX/1 ", await mail.AskAsync(frame));
        }

        Assert.StartsWith("AIMX/1 OK\n", await mail.AskAsync("AIMX/1 VERSION\n\n"));
        Assert.NotNull(mail.Mailboxes.Find("agent"));
    }

    private static byte[] Noise(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }

    private static byte[] Changed(Random random, byte[] frame)
    {
        var bytes = frame.ToList();
        for (var n = random.Next(1, 5); n > 0; n--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(3))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.Insert(at, (byte)random.Next(256));
                    break;
                default:
                    bytes.RemoveAt(at);
                    break;
            }
        }

        return [.. bytes];
    }

    /// <summary>A line, a head or a body beyond its bound.</summary>
    private static byte[] TooLong(Random random) => random.Next(3) switch
    {
        0 => Encoding.ASCII.GetBytes("AIMX/1 VERSION\nX: " + new string('x', random.Next(8000, 9000)) + "\n\n"),
        1 => Encoding.ASCII.GetBytes("AIMX/1 VERSION\n" + string.Concat(Enumerable.Range(0, random.Next(60, 70)).Select(n => $"X-{n}: y\n")) + "\n"),
        _ => Encoding.ASCII.GetBytes($"AIMX/1 SEND\nContent-Length: {random.Next(20_000_000, 40_000_000)}\n\n" + new string('x', random.Next(5000))),
    };
}
