using System.Net;
using System.Net.Sockets;
using System.Text;
using Belljar.Contracts.Wire;
using Belljar.Mail.Delivering;
using Belljar.Mail.LocalSocket;
using Belljar.Mail.Mailboxes;
using Belljar.Mail.Marking;
using Belljar.Mail.Outgoing;
using Belljar.Mail.Signing;
using Belljar.Mail.Storage;
using Belljar.Mail.Tests.Authentication;
using Belljar.Mail.Tests.Outgoing;
using Belljar.Net;
using Belljar.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Belljar.Mail.Tests.LocalSocket;

/// <summary>
/// A mail socket in a folder of its own, whose mailboxes belong to whom a test says; what is sent to b.example goes to a sink.
/// </summary>
internal sealed class LocalMail : IAsyncDisposable
{
    private readonly MailSocketServer _server;
    private readonly MailboxVerbs _making;
    private readonly ManualClock _mailClock = new();

    /// <param name="clock">The socket's; the mail's stands still.</param>
    /// <param name="who">Whom the kernel would name; null: it is asked.</param>
    public LocalMail(
        TimeProvider? clock = null, Func<MailboxOptions, int?>? ownerOf = null, OutgoingOptions? outgoing = null, MailOptions? options = null, PeerCredentials? who = null)
    {
        Directory.CreateDirectory(Folder["mail"]);
        Mailboxes = MailboxRegistry.Open(Folder["mail"], options ?? TestMail.Options);
        Store = TestMail.OpenStore(Folder["mail"], _mailClock, Mailboxes.Options);
        var locks = new MailboxLocks();
        var access = new MailboxAccess(ownerOf ?? (_ => null));
        Outgoing = new OutgoingMail(
            Mailboxes,
            outgoing ?? ToTheSink,
            Store.Layout,
            new LocalDelivery(Mailboxes, Store, _mailClock, null),
            new OutgoingParts
            {
                Dns = new ZoneResolver().Add("b.example", "MX", "10", "mx.b.example").Add("mx.b.example", "A", "198.51.100.7"),
                Dialler = new OutgoingRig.Dialler { Port = Sink.Port },
                OwnAddresses = new OutgoingRig.NoAddresses(),
                Locks = locks,
                PolicyFetcher = new OutgoingRig.Fetcher([]),
                Clock = _mailClock,
            },
            NullLogger<OutgoingMail>.Instance);
        _making = new MailboxVerbs(Mailboxes, Store, Outgoing.Queue, locks, access);
        Verbs = new MailVerbs(
            Mailboxes,
            new Belljar.Mail.Reading.MailReader(Folder["mail"], () => Mailboxes.Options),
            new MessageChanges(Folder["mail"], locks, _mailClock),
            access,
            "1.2.3",
            NullLogger<MailVerbs>.Instance)
        {
            Outgoing = Outgoing,
            Making = _making,
            Hooking = new HookVerbs(Mailboxes),
        };
        _server = new MailSocketServer(Socket, Verbs, clock ?? TimeProvider.System, NullLogger<MailSocketServer>.Instance, who is { } known ? _ => known : null);
    }

    public static OutgoingOptions ToTheSink { get; } = new() { Sign = false, UseIPv6 = false, AllowedNetworks = [IPNetwork.Parse("198.51.100.0/24")] };

    public TemporaryFolder Folder { get; } = new();

    public MailboxRegistry Mailboxes { get; }

    public MailStore Store { get; }

    public OutgoingMail Outgoing { get; }

    public MailVerbs Verbs { get; }

    public SinkServer Sink { get; } = new();

    public string Socket => Folder["mail.sock"];

    public DkimKeyStore Keys => new(Folder["mail"], _mailClock);

    public async Task StartAsync()
    {
        await Outgoing.StartAsync(TestContext.Current.CancellationToken);
        await _server.StartAsync(TestContext.Current.CancellationToken);
    }

    public async Task<string> DeliverAsync(string subject, MailboxOptions? to = null)
        => Assert.Single((await Store.DeliverAsync(TestMail.Received(_mailClock, TestMail.Message(subject)), [TestMail.To(to ?? TestMail.Agent)]))!).Id;

    /// <summary>Sends a frame, or a part of one, says that no more follows, and reads until the server closes.</summary>
    public Task<string> AskAsync(string frame) => AskAsync(Encoding.UTF8.GetBytes(frame));

    public Task<string> AskAsync(byte[] frame) => AskAsync(Socket, frame);

    public static async Task<string> AskAsync(string path, byte[] frame)
    {
        using var socket = await ConnectAsync(path);
        for (var sent = 0; sent < frame.Length;)
        {
            sent += await socket.SendAsync(frame.AsMemory(sent), TestContext.Current.CancellationToken);
        }

        socket.Shutdown(SocketShutdown.Send);
        return await ReadAsync(socket);
    }

    public Task<Socket> ConnectAsync() => ConnectAsync(Socket);

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
        _making.Dispose();
        await Outgoing.StopAsync(CancellationToken.None);
        await Outgoing.DisposeAsync();
        Store.Dispose();
        await Sink.DisposeAsync();
        Folder.Dispose();
    }

    private static async Task<Socket> ConnectAsync(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), TestContext.Current.CancellationToken);
        return socket;
    }
}
