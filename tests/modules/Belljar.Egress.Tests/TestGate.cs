using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Belljar.Contracts;
using Belljar.Contracts.Events;
using Belljar.Egress.Certificates;
using Belljar.Egress.Gate;
using Belljar.Egress.Policy;
using Belljar.Net;
using Microsoft.Extensions.Logging.Abstractions;

namespace Belljar.Egress.Tests;

/// <summary>
/// A gate on a real loopback socket. Names resolve to what a test says; public addresses (93.184.216.x) lead to a server
/// of the test, so that nothing here leaves the machine.
/// </summary>
internal sealed class TestGate : IAsyncDisposable
{
    public const string PublicAddress = "93.184.216.34";

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;
    private Socket? _door;

    /// <summary>One for all tests: what a gate trusts and whom it is trusted by.</summary>
    public static readonly GateSecrets Secrets = new(SessionAuthority.Create(new SessionSlug("dev-abcde"), TimeProvider.System), [Identity.AuthorityPem], [], []);

    public TestGate(EgressOptions options, EgressLimits? limits = null, TimeProvider? clock = null, GateSecrets? secrets = null)
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(512);
        Gate = new EgressGate(_listener, new SessionSlug("dev-abcde"), options, secrets ?? Secrets, new EgressServices(
            Events, Resolver, new NoOwnAddresses(), Dialler, limits ?? EgressLimits.Default, clock ?? TimeProvider.System, NullLogger.Instance));
        _running = Gate.RunAsync(_stop.Token);
    }

    public EgressGate Gate { get; }

    public RecordedEvents Events { get; } = new();

    public MapResolver Resolver { get; } = new();

    public MapDialler Dialler { get; } = new();

    public void Replace(EgressOptions options) => Gate.Replace(options, Secrets);

    public IPEndPoint Address => (IPEndPoint)_listener.LocalEndPoint!;

    /// <summary>Allows everything for these hosts, and leads them to the server.</summary>
    public static TestGate For(TestServer server, params EgressRoute[] routes)
        => new TestGate(new EgressOptions(EgressMode.Enforce, routes.Length > 0 ? routes : [EgressRoute.To("api.example")])).Leading(server);

    public TestGate Leading(TestServer server)
    {
        Resolver.Names["api.example"] = [IPAddress.Parse(PublicAddress)];
        Dialler.Default = server.Address;
        return this;
    }

    /// <summary>The listener of one forward.</summary>
    public void OpenDoor(int port)
    {
        _door = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _door.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _door.Listen(512);
        Gate.Open(port, _door);
    }

    public async Task<Socket> ConnectToDoorAsync()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(_door!.LocalEndPoint!);
        return socket;
    }

    public async Task<RawClient> ConnectAsync()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(Address);
        return new RawClient(socket);
    }

    /// <summary>A connection to the gate with a tunnel in it, and TLS in that, trusting the session's authority only.</summary>
    public async Task<RawClient> ConnectSecurelyAsync(string host = "api.example", int port = 443, string? serverName = null)
    {
        var client = await ConnectAsync();
        await client.SendAsync($"CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200 ", await client.ReadHeadAsync());
        await client.SecureAsync(serverName ?? host);
        return client;
    }

    /// <summary>One request through a tunnel of its own.</summary>
    public async Task<RawResponse> SendSecurelyAsync(string request, string method = "GET", string host = "api.example", int port = 443)
    {
        using var client = await ConnectSecurelyAsync(host, port);
        await client.SendAsync(request);
        return await client.ReadResponseAsync(method);
    }

    /// <summary>One request on a connection of its own.</summary>
    public async Task<RawResponse> SendAsync(string request, string method = "GET")
    {
        using var client = await ConnectAsync();
        await client.SendAsync(request);
        return await client.ReadResponseAsync(method);
    }

    public HttpClient HttpClient() => new(new SocketsHttpHandler
    {
        Proxy = new WebProxy($"http://{Address}"),
        UseProxy = true,
        AllowAutoRedirect = false,
    });

    /// <summary>Stops the gate as its owner would.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running.WaitAsync(TimeSpan.FromSeconds(30));
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Gate.Dispose();
        _listener.Dispose();
        _door?.Dispose();
        _stop.Dispose();
    }

    private sealed class NoOwnAddresses : IOwnAddresses
    {
        public bool Contains(IPAddress address) => false;
    }
}

internal sealed class RecordedEvents : IEventSink
{
    private readonly Channel<BelljarEvent> _events = Channel.CreateUnbounded<BelljarEvent>();

    public int Waiting => _events.Reader.Count;

    /// <summary>A recorder that never answers.</summary>
    public bool Hangs { get; set; }

    public async ValueTask RecordAsync(BelljarEvent e, CancellationToken ct)
    {
        Post(e);
        if (Hangs)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct);
        }
    }

    public void Post(BelljarEvent e) => Assert.True(_events.Writer.TryWrite(e));

    public async Task<BelljarEvent> NextEventAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        return await _events.Reader.ReadAsync(patience.Token);
    }

    public async Task<EgressDecision> NextAsync() => EventKinds.EgressDecision.Read(await NextEventAsync());
}

internal sealed class MapResolver : INameResolver
{
    public Dictionary<string, IPAddress[]> Names { get; } = [];

    /// <summary>Answers in turn, for a name that changes its mind.</summary>
    public Queue<IPAddress[]> InTurn { get; } = new();

    public int Asked { get; private set; }

    public ValueTask<Resolution> ResolveAsync(string name, CancellationToken ct)
    {
        Asked++;
        if (InTurn.TryDequeue(out var next))
        {
            return new(new Resolution(next, null));
        }

        return new(SystemNameResolver.IsLocalhost(name) ? new Resolution([IPAddress.Loopback], null)
            : Names.TryGetValue(name, out var found) ? new Resolution(found, null)
            : new Resolution([], "the name does not exist"));
    }
}

internal sealed class MapDialler : IDialler
{
    private readonly TcpDialler _real = new();

    /// <summary>Where public addresses lead.</summary>
    public IPEndPoint? Default { get; set; }

    public List<IPEndPoint> Dialled { get; } = [];

    public async ValueTask<Socket> DialAsync(IPEndPoint to, CancellationToken ct)
    {
        lock (Dialled)
        {
            Dialled.Add(to);
        }

        return IPAddress.IsLoopback(to.Address) ? await _real.DialAsync(to, ct)
            : Default is { } target ? await _real.DialAsync(target, ct)
            : throw new SocketException((int)SocketError.ConnectionRefused);
    }
}
