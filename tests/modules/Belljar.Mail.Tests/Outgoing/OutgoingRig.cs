using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Belljar.Mail.Delivering;
using Belljar.Mail.Outgoing;
using Belljar.Mail.Outgoing.Queue;
using Belljar.Mail.Reading;
using Belljar.Mail.Signing;
using Belljar.Mail.Storage;
using Belljar.Mail.Tests.Authentication;
using Belljar.Net;
using Belljar.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Belljar.Mail.Tests.Outgoing;

/// <summary>Outgoing mail over a zone in memory, a clock that stands still, and a server of the test's own behind every public address.</summary>
internal sealed class OutgoingRig : IAsyncDisposable
{
    public const string Letter = "From: Agent <agent@mx.test>\nTo: bob@b.example\nSubject: Hello\n\nHi Bob.\n";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new();
    private MailStore? _store;
    private OutgoingMail? _mail;

    public ManualClock Clock { get; } = new();

    public ZoneResolver Zone { get; } = new ZoneResolver().Add("b.example", "MX", "10", "mx.b.example").Add("mx.b.example", "A", "198.51.100.7").Add("c.example", "MX", "10", "mx.c.example").Add("mx.c.example", "A", "198.51.100.8");

    public SinkServer Sink { get; } = new();

    public Dialler Network { get; } = new();

    public OutgoingOptions Options { get; set; } = new()
    {
        Sign = false,
        UseIPv6 = false,
        AllowedNetworks = [IPNetwork.Parse("198.51.100.0/24"), IPNetwork.Parse("203.0.113.0/24")],
    };

    public IMailGate Gate { get; set; } = new OpenMailGate();

    public Dictionary<string, string> Policies { get; } = [];

    public string Folder => _folder.Path;

    public OutgoingMail Mail => _mail!;

    public DkimKeyStore Keys => new(_folder.Path, Clock);

    public MailReader Reader => TestMail.Reader(_folder.Path);

    public async Task<OutgoingRig> StartAsync()
    {
        Network.Port = Sink.Port;
        _store = TestMail.OpenStore(_folder.Path, Clock);
        _mail = new OutgoingMail(
            TestMail.Options,
            Options,
            _store.Layout,
            new LocalDelivery(TestMail.Options, _store, Clock, null),
            new OutgoingParts { Dns = Zone, Dialler = Network, OwnAddresses = new NoAddresses(), Gate = Gate, PolicyFetcher = new Fetcher(Policies), Clock = Clock },
            NullLogger<OutgoingMail>.Instance);
        await _mail.StartAsync(CancellationToken.None);
        return this;
    }

    public async Task StopAsync()
    {
        if (_mail is not null)
        {
            await _mail.StopAsync(CancellationToken.None);
            await _mail.DisposeAsync();
            _mail = null;
        }

        _store?.Dispose();
        _store = null;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await Sink.DisposeAsync();
        _folder.Dispose();
    }

    public Task<SubmitResult> SubmitAsync(string text, string? from = null, IReadOnlyList<string>? recipients = null, SubmitOptions? options = null) =>
        Mail.SubmitAsync(System.Text.Encoding.UTF8.GetBytes(text), from, recipients, options ?? Anybody, CancellationToken.None).WaitAsync(Patience);

    public static SubmitOptions Anybody { get; } = new() { MaySendAs = _ => true };

    public async Task<SubmitResult.Accepted> AcceptAsync(string text = Letter, SubmitOptions? options = null)
    {
        var result = await SubmitAsync(text, options: options);
        return Assert.IsType<SubmitResult.Accepted>(result);
    }

    public static async Task UntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, patience.Token);
        }
    }

    /// <summary>Waits until the one recipient that is queued was tried so often and nothing is under way.</summary>
    public Task TriedAsync(int attempts) => UntilAsync(() => Mail.Queue.List() is [var only] && only.Attempts == attempts);

    public Task EmptyAsync() => UntilAsync(() => Mail.Queue.List() is [] && Mail.Queue.All() is []);

    /// <summary>
    /// Moves the clock to the moment at which the one recipient that is queued is due, and past the queue's next look.
    /// Not further: the dialogue that then begins lives by the same clock, and would time out.
    /// </summary>
    public void AdvanceToNextAttempt()
    {
        var due = Assert.Single(Mail.Queue.List()).NextAt - Clock.GetUtcNow();
        Clock.Advance(due + TimeSpan.FromSeconds(5));
    }

    /// <summary>Moves the clock on until nothing waits any more, but never while somebody talks: dialogues live by the same clock.</summary>
    public async Task EmptyInTimeAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        while (Mail.Queue.All() is not [])
        {
            if (Mail.UnderWay == 0)
            {
                Clock.Advance(TimeSpan.FromSeconds(20));
            }

            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, patience.Token);
        }
    }

    /// <summary>Moves the clock on until it is so.</summary>
    public async Task AdvanceUntilAsync(TimeSpan step, Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!condition())
        {
            Clock.Advance(step);
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, patience.Token);
        }
    }

    public StoredMessage SentCopy() => Reader.Show("agent", Assert.Single(Reader.List("agent", MailFolder.Sent)).Id, MailFolder.Sent)!;

    /// <summary>Leads every address to the sink, or nowhere.</summary>
    internal sealed class Dialler : IDialler
    {
        public int Port { get; set; }

        public ConcurrentQueue<IPEndPoint> Dialled { get; } = new();

        public Predicate<IPEndPoint> IsUnreachable { get; set; } = _ => false;

        public async ValueTask<Socket> DialAsync(IPEndPoint to, CancellationToken ct)
        {
            Dialled.Enqueue(to);
            return IsUnreachable(to)
                ? throw new SocketException((int)SocketError.ConnectionRefused)
                : await new TcpDialler().DialAsync(new IPEndPoint(IPAddress.Loopback, Port), ct);
        }
    }

    internal sealed class NoAddresses : IOwnAddresses
    {
        public bool Contains(IPAddress address) => false;
    }

    internal sealed class Fetcher(Dictionary<string, string> policies) : IMtaStsFetcher
    {
        public Task<string?> FetchAsync(string domain, CancellationToken ct) => Task.FromResult(policies.GetValueOrDefault(domain));
    }
}
