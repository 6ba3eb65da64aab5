using System.Net.Sockets;
using System.Text;
using Belljar.Mail.LocalSocket;
using Belljar.Mail.Marking;
using Belljar.Mail.Storage;
using Belljar.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Belljar.Mail.Tests.LocalSocket;

/// <summary>A mail socket in a folder of its own, whose mailboxes belong to whom a test says.</summary>
internal sealed class LocalMail : IAsyncDisposable
{
    private readonly MailSocketServer _server;
    private readonly ManualClock _mailClock = new();

    public LocalMail(TimeProvider? clock = null, Func<MailboxOptions, int?>? ownerOf = null)
    {
        Store = TestMail.OpenStore(Folder["mail"], _mailClock);
        Verbs = new MailVerbs(
            TestMail.Options,
            TestMail.Reader(Folder["mail"]),
            new MessageChanges(Folder["mail"], new MailboxLocks(), _mailClock),
            new MailboxAccess(ownerOf ?? (_ => null)),
            "1.2.3",
            NullLogger<MailVerbs>.Instance);
        _server = new MailSocketServer(Socket, Verbs, clock ?? TimeProvider.System, NullLogger<MailSocketServer>.Instance);
    }

    public TemporaryFolder Folder { get; } = new();

    public MailStore Store { get; }

    public MailVerbs Verbs { get; }

    public string Socket => Folder["mail.sock"];

    public Task StartAsync() => _server.StartAsync(TestContext.Current.CancellationToken);

    public async Task<string> DeliverAsync(string subject)
        => Assert.Single((await Store.DeliverAsync(TestMail.Received(_mailClock, TestMail.Message(subject)), [TestMail.To(TestMail.Agent)]))!).Id;

    /// <summary>Sends a frame, or a part of one, says that no more follows, and reads until the server closes.</summary>
    public Task<string> AskAsync(string frame) => AskAsync(Encoding.UTF8.GetBytes(frame));

    public async Task<string> AskAsync(byte[] frame)
    {
        using var socket = await ConnectAsync();
        await socket.SendAsync(frame, TestContext.Current.CancellationToken);
        socket.Shutdown(SocketShutdown.Send);
        return await ReadAsync(socket);
    }

    public async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(Socket), TestContext.Current.CancellationToken);
        return socket;
    }

    public static async Task<string> ReadAsync(Socket socket)
    {
        var reply = new List<byte>();
        var some = new byte[4096];
        for (int length; (length = await socket.ReceiveAsync(some, TestContext.Current.CancellationToken)) > 0;)
        {
            reply.AddRange(some.AsSpan(0, length));
        }

        return Encoding.UTF8.GetString([.. reply]);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.StopAsync(CancellationToken.None);
        await _server.DisposeAsync();
        Store.Dispose();
        Folder.Dispose();
    }
}
