using System.IO.Pipelines;
using System.Net;
using System.Text;
using Belljar.Contracts.Wire;
using Belljar.Mail;
using Belljar.Mail.Indexing;
using Belljar.Mail.LocalSocket;
using Belljar.Mail.Marking;
using Belljar.Mail.Outgoing;
using Belljar.Mail.Reading;
using Belljar.Mail.Storage;
using Belljar.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Belljar.Mcp.Tests;

/// <summary>The mail of one test, its daemon's socket, and a client of the tools over two pipes. The mailbox <c>agent</c> is this user's.</summary>
internal sealed class McpMail : IAsyncDisposable
{
    private static readonly MailOptions Options = new()
    {
        HostName = "mx.test",
        Domains = ["mx.test"],
        Mailboxes = [new("agent", ["agent@mx.test"], TrustPolicy.Verified, null), new("other", ["other@mx.test"], TrustPolicy.None, null)],
        Smtp = new SmtpOptions(),
    };

    /// <summary>Its rules are compiled once.</summary>
    private static readonly DetectingMailGate Gate = new();

    // Tests may run as root, who may do everything.
    private const int Other = 4712;
    private static readonly PeerCredentials User = new(Pid: 1, Uid: 4711, Gid: 4711);

    private readonly TemporaryFolder _folder = new();
    private readonly ManualClock _clock = new();
    private readonly MailStore _store;
    private readonly OutgoingMail _outgoing;
    private readonly MailSocketServer _server;
    private readonly CancellationTokenSource _stop = new();
    private Task _serving = Task.CompletedTask;

    public McpMail()
    {
        var locks = new MailboxLocks();
        _store = MailStore.Open(_folder["mail"], Options, _clock, NullLogger<MailStore>.Instance);
        _outgoing = OutgoingMail.Create(
            Options, new OutgoingOptions { Sign = false }, _store, locks, Gate, TimeProvider.System, _ => { }, NullLogger<OutgoingMail>.Instance);
        var access = new MailboxAccess(mailbox => mailbox.Name == "agent" ? User.Uid : Other);
        var verbs = new MailVerbs(Options, Reader(null), new MessageChanges(_folder["mail"], locks, _clock), access, "test", NullLogger<MailVerbs>.Instance) { Outgoing = _outgoing };
        _server = new MailSocketServer(_folder["mail.sock"], verbs, TimeProvider.System, NullLogger<MailSocketServer>.Instance, _ => User);
    }

    public async Task StartDaemonAsync()
    {
        await _outgoing.StartAsync(CancellationToken.None);
        await _server.StartAsync(CancellationToken.None);
    }

    /// <summary>The official SDK's client, with the handshake done.</summary>
    /// <param name="daemon">Null: the one of this test.</param>
    public async Task<McpClient> ConnectAsync(MailSocketClient? daemon = null)
    {
        var (up, down) = (new Pipe(), new Pipe());
        var home = new Belljar.Mcp.Mail.MailHome(Reader, () => MailIndex.Open(_folder["mail"], _clock), daemon ?? new MailSocketClient(_folder["mail.sock"]));
        _serving = McpStdio.RunAsync(up.Reader.AsStream(), down.Writer.AsStream(), home, "1.2.3", _stop.Token);
        return await McpClient.CreateAsync(new StreamClientTransport(up.Writer.AsStream(), down.Reader.AsStream()), cancellationToken: TestContext.Current.CancellationToken);
    }

    public async Task<string> DeliverAsync(string subject, string body = "Hi.", string? headers = null, string mailbox = "agent")
    {
        _clock.Advance(TimeSpan.FromSeconds(1));
        var text = $"From: Alice <alice@example.org>\nTo: agent@mx.test\nSubject: {subject}\nMessage-ID: <{Guid.NewGuid():N}@example.org>\n{headers}\n{body}\n";
        var received = new ReceivedMessage(
            Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\r\n")), "alice@example.org", IPAddress.Parse("192.0.2.1"), "client.test", "ESMTP", _clock.GetUtcNow());
        var to = Options.FindMailbox(mailbox)!;
        return Assert.Single((await _store.DeliverAsync(received, [new Delivery(to, [to.Address])]))!).Id;
    }

    /// <summary>The newest message of an inbox.</summary>
    public StoredMessage Stored(string mailbox) => Reader(null).Show(mailbox, Reader(null).List(mailbox)[0].Id)!;

    public int Count(string mailbox, MailFolder folder = MailFolder.Inbox) => Reader(null).List(mailbox, folder).Count;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _server.StopAsync(CancellationToken.None);
        await _server.DisposeAsync();
        await _outgoing.StopAsync(CancellationToken.None);
        await _outgoing.DisposeAsync();
        _stop.Dispose();
        _store.Dispose();
        _folder.Dispose();
    }

    public static async Task<(string Text, CallToolResult Result)> CallAsync(McpClient client, string tool, params (string Name, object? Value)[] arguments)
    {
        var result = await client.CallToolAsync(tool, arguments.ToDictionary(argument => argument.Name, argument => argument.Value), cancellationToken: TestContext.Current.CancellationToken);
        return (Assert.IsType<TextContentBlock>(result.Content[0]).Text, result);
    }

    private MailReader Reader(MailIndex? index) => new(_folder["mail"], Options, index);
}
