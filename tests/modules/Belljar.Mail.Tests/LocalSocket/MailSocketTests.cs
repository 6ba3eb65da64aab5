using System.Net.Sockets;
using System.Text;
using Belljar.Contracts.Wire;
using Belljar.Protocols.Aimx;
using Belljar.Testing;

namespace Belljar.Mail.Tests.LocalSocket;

public sealed class MailSocketTests
{
    private static readonly int Me = PeerCredentials.OwnUid;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Verbs_AnswerToTheByte()
    {
        await using var mail = new LocalMail(ownerOf: mailbox => mailbox.Name == "agent" ? Me : null);
        await mail.StartAsync();
        var id = await mail.DeliverAsync("hello");

        Assert.Equal("AIMX/1 OK\nContent-Length: 19\n\n{\"version\":\"1.2.3\"}", await mail.AskAsync("AIMX/1 VERSION\n\n"));
        Assert.Equal("AIMX/1 OK\n", await mail.AskAsync($"AIMX/1 MARK-READ\nMailbox: agent\nId: {id}\n\n"));
        Assert.Contains("\"messages\":1,\"unread\":0,", await mail.AskAsync("AIMX/1 MAILBOX-LIST\n\n"), StringComparison.Ordinal);
        Assert.Equal("AIMX/1 OK\n", await mail.AskAsync($"AIMX/1 MARK-UNREAD\r\nmailbox: agent\r\nid: {id}\r\nfolder: inbox\r\n\r\n"));
        Assert.Equal("AIMX/1 OK\n", await mail.AskAsync($"AIMX/1 LABEL\nMailbox: agent\nId: {id}\nLabels: todo, later\n\n"));
        Assert.Equal(["todo", "later"], TestMail.Reader(mail.Folder["mail"]).Show("agent", id)!.Frontmatter.GetStrings("labels"));
        Assert.Equal("AIMX/1 OK\nContent-Length: 2\n\n[]", await mail.AskAsync("AIMX/1 HOOK-LIST\n\n"));
        Assert.Equal("AIMX/1 OK\n", await mail.AskAsync($"AIMX/1 DELETE\nMailbox: agent\nId: {id}\n\n"));
        Assert.Empty(TestMail.Reader(mail.Folder["mail"]).List("agent"));
    }

    [Theory]
    [InlineData("AIMX/1 DELETE\nMailbox: agent\nId: ../second/x\n\n", "AIMX/1 ERR NOTFOUND there is no message '../second/x' in 'agent'\nCode: NOTFOUND\n\n")]
    [InlineData("AIMX/1 DELETE\nMailbox: agent\nId: none\nFolder: sent\n\n", "AIMX/1 ERR NOTFOUND there is no message 'none' in 'agent'\nCode: NOTFOUND\n\n")]
    [InlineData("AIMX/1 DELETE\nMailbox: nobody\nId: x\n\n", "AIMX/1 ERR ENOENT there is no mailbox 'nobody'\nCode: ENOENT\n\n")]
    [InlineData("AIMX/1 DELETE\nMailbox: ../agent\nId: x\n\n", "AIMX/1 ERR ENOENT there is no mailbox '../agent'\nCode: ENOENT\n\n")]
    [InlineData("AIMX/1 MOVE\nMailbox: agent\nId: x\nTo: nobody\n\n", "AIMX/1 ERR ENOENT there is no mailbox 'nobody'\nCode: ENOENT\n\n")]
    [InlineData("AIMX/1 MOVE\nMailbox: agent\nId: x\nTo: agent\n\n", "AIMX/1 ERR VALIDATION the message is in that mailbox already\nCode: VALIDATION\n\n")]
    [InlineData("AIMX/1 NONSENSE\n\n", "AIMX/1 ERR PROTOCOL unknown verb 'NONSENSE'\nCode: PROTOCOL\n\n")]
    [InlineData("AIMX/1 DELETE\nMailbox: agent\n\n", "AIMX/1 ERR MALFORMED DELETE needs Id\nCode: MALFORMED\n\n")]
    [InlineData("AIMX/1 DELETE\nMailbox: agent\n", "AIMX/1 ERR MALFORMED the request was cut off\nCode: MALFORMED\n\n")]
    [InlineData("", "AIMX/1 ERR MALFORMED the request was cut off\nCode: MALFORMED\n\n")]
    [InlineData("AIMX/1 SEND\nContent-Length: 10\n\nshort", "AIMX/1 ERR MALFORMED the request was cut off\nCode: MALFORMED\n\n")]
    public async Task Mistakes_AreAnsweredToTheByte(string frame, string reply)
    {
        await using var mail = new LocalMail(ownerOf: _ => Me);
        await mail.StartAsync();

        Assert.Equal(reply, await mail.AskAsync(frame));
    }

    [Fact]
    public async Task Another_ReachesNothingByAnyVerb()
    {
        await using var mail = new LocalMail(ownerOf: mailbox => mailbox.Name == "agent" ? 4711 : 4712);
        var id = await mail.DeliverAsync("private");
        var stranger = new PeerCredentials(Pid: 1, Uid: 4712, Gid: 4712);
        foreach (var verb in new[] { "MARK-READ", "MARK-UNREAD", "DELETE", "LABEL", "MOVE" })
        {
            Assert.Equal("AIMX/1 ERR EACCES the mailbox 'agent' is not yours\nCode: EACCES\n\n", await AskAsAsync(mail, stranger, $"AIMX/1 {verb}\nMailbox: agent\nId: {id}\nLabels: x\nTo: second\n\n"));
        }

        Assert.Equal("AIMX/1 ERR EACCES the mailbox 'agent' is not yours\nCode: EACCES\n\n", await AskAsAsync(mail, stranger, "AIMX/1 HOOK-LIST\nMailbox: agent\n\n"));
        var listed = await AskAsAsync(mail, stranger, "AIMX/1 MAILBOX-LIST\n\n");
        Assert.Contains("\"second\"", listed, StringComparison.Ordinal);
        Assert.DoesNotContain("\"agent\"", listed, StringComparison.Ordinal);
        Assert.DoesNotContain("\"second\"", await AskAsAsync(mail, PeerCredentials.Unknown, "AIMX/1 MAILBOX-LIST\n\n"), StringComparison.Ordinal);
        Assert.Equal("private", Assert.Single(TestMail.Reader(mail.Folder["mail"]).List("agent")).Subject);

        Assert.Equal("AIMX/1 OK\n", await AskAsAsync(mail, new PeerCredentials(1, 4711, 4711), $"AIMX/1 MARK-READ\nMailbox: agent\nId: {id}\n\n"));
        Assert.Equal("AIMX/1 OK\n", await AskAsAsync(mail, new PeerCredentials(1, 0, 0), $"AIMX/1 MOVE\nMailbox: agent\nId: {id}\nTo: second\n\n"));
    }

    [Fact]
    public async Task Refusal_IsReadByAClientThatIsStillSending()
    {
        await using var mail = new LocalMail();
        await mail.StartAsync();
        using var socket = await mail.ConnectAsync();

        var frame = Encoding.ASCII.GetBytes("AIMX/1 NONSENSE\n\n" + new string('x', 8 * 1024 * 1024));
        for (var sent = 0; sent < frame.Length;)
        {
            sent += await socket.SendAsync(frame.AsMemory(sent), Ct);
        }

        socket.Shutdown(SocketShutdown.Send);
        Assert.StartsWith("AIMX/1 ERR PROTOCOL ", await LocalMail.ReadAsync(socket));
    }

    [Fact]
    public async Task Request_ThatTakesTooLong_IsGivenUp()
    {
        var clock = new ManualClock();
        await using var mail = new LocalMail(clock);
        await mail.StartAsync();
        using var socket = await mail.ConnectAsync();
        await socket.SendAsync("AIMX/1 VERS"u8.ToArray(), Ct);

        var reply = LocalMail.ReadAsync(socket);
        while (!reply.IsCompleted)
        {
            clock.Advance(TimeSpan.FromSeconds(31));
            await Task.WhenAny(reply, Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Ct));
        }

        Assert.Equal("AIMX/1 ERR TEMP the request took longer than 30 seconds to arrive\nCode: TEMP\n\n", await reply);
    }

    [Fact]
    public async Task Connections_OfOneUserAreBounded()
    {
        await using var mail = new LocalMail();
        await mail.StartAsync();
        var sockets = new List<Socket>();
        for (var i = 0; i < 17; i++)
        {
            sockets.Add(await mail.ConnectAsync());
        }

        Assert.Equal("AIMX/1 ERR TEMP too many connections, try again\nCode: TEMP\n\n", await LocalMail.ReadAsync(sockets[^1]));
        sockets.ForEach(socket => socket.Dispose());
    }

    private static async Task<string> AskAsAsync(LocalMail mail, PeerCredentials caller, string frame)
    {
        var reader = new AimxRequestReader();
        Assert.Equal(AimxReadStatus.Complete, reader.Read(Encoding.UTF8.GetBytes(frame), out _));
        return Encoding.UTF8.GetString(await mail.Verbs.AnswerAsync(reader.Request!, default, caller, Ct));
    }
}
