using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Belljar.Contracts;
using Belljar.Contracts.Events;
using Belljar.Egress.Certificates;
using Belljar.Egress.Gate;
using Belljar.Egress.Policy;
using Belljar.Egress.Secrets;
using Belljar.Net;
using Belljar.Protocols.Http1;
using Microsoft.Extensions.Logging;

namespace Belljar.Egress;

/// <summary>What a gate needs from outside. Everything here is a seam.</summary>
public sealed record EgressServices(
    IEventSink Events,
    INameResolver Resolver,
    IOwnAddresses OwnAddresses,
    IDialler Dialler,
    EgressLimits Limits,
    TimeProvider Clock,
    ILogger Logger)
{
    /// <summary>The system's resolver, addresses and sockets, with the default limits.</summary>
    public static EgressServices ForThisMachine(IEventSink events, TimeProvider clock, ILogger logger)
        => new(events, new SystemNameResolver(), new SystemOwnAddresses(clock), new TcpDialler(), EgressLimits.Default, clock, logger);
}

/// <summary>
/// The egress gate of one session: a forward proxy on a listener that somebody else opened. Everything that leaves is
/// judged, and every decision is one event.
/// </summary>
public sealed partial class EgressGate : IDisposable
{
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(1);

    private readonly Socket _listener;
    private readonly SessionAuthority _authority;
    private readonly GateParts _gate;
    private readonly ConcurrentDictionary<IGateConnection, byte> _connections = new();
    private readonly ConcurrentDictionary<int, Socket> _doors = new();
    private readonly Channel<(int Port, Socket Listener)> _opened = Channel.CreateUnbounded<(int, Socket)>(); // at most one for each port
    private readonly MemoryTrim _memory = new();
    private readonly CancellationTokenSource _giveUp;
    private readonly ILogger _logger;
    private readonly string _session;

    /// <param name="listener">Bound and listening; it stays the caller's.</param>
    /// <exception cref="ArgumentException">The options hold a route that <see cref="EgressSection"/> would have refused.</exception>
    /// <exception cref="System.Security.Cryptography.CryptographicException">The secrets hold no authority, or a text that is no certificate.</exception>
    public EgressGate(Socket listener, SessionSlug session, EgressOptions options, GateSecrets secrets, EgressServices services)
    {
        _authority = SessionAuthority.Open(secrets.Authority);
        _listener = listener;
        _giveUp = new CancellationTokenSource(Timeout.InfiniteTimeSpan, services.Clock);
        _logger = services.Logger;
        _session = session.Value;
        var connector = new Connector(
            services.Resolver, new AddressJudge(services.OwnAddresses), services.Dialler, services.Limits.Connect, services.Clock);
        var recorder = new DecisionRecorder(session, services.Events, services.Clock, services.Logger);
        _gate = new GateParts(
            new RouteTable(options, new CredentialVault(secrets)),
            connector,
            new LeafCertificates(_authority, services.Clock, services.Limits.Leaves),
            UpstreamTls.Trusting(secrets.UpstreamAuthorities),
            recorder,
            services.Limits with { Http = services.Limits.Http with { Proxy = Own(listener) } },
            services.Clock,
            services.Logger,
            _giveUp.Token);
    }

    /// <summary>Connections from inside that are open now.</summary>
    public int Connections => _connections.Count;

    /// <summary>The ports of forwards that are declared and have no listener: nobody can reach them.</summary>
    public IReadOnlyList<int> ClosedDoors => [.. _gate.Routes.Options.Forwards.Select(forward => forward.Listen).Where(port => !_doors.ContainsKey(port))];

    /// <summary>Serves a further listener: what connects there goes where the forward of that port leads, while one is declared.</summary>
    /// <param name="listener">Bound and listening; it stays the caller's.</param>
    public void Open(int port, Socket listener)
    {
        if (_doors.TryAdd(port, listener))
        {
            _opened.Writer.TryWrite((port, listener));
        }
    }

    /// <summary>Other routes from the next request on; what is under way is not cut. The session's authority stays.</summary>
    public void Replace(EgressOptions options, GateSecrets secrets)
    {
        _gate.UpstreamTls = UpstreamTls.Trusting(secrets.UpstreamAuthorities);
        _gate.Routes = new RouteTable(options, new CredentialVault(secrets));
        foreach (var port in ClosedDoors)
        {
            LogClosedDoor(_session, port);
        }
    }

    /// <summary>Serves until cancelled; then idle connections are closed, the others may finish for a few seconds.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        await using var heartbeat = _gate.Clock.CreateTimer(_ => Beat(), null, Heartbeat, Heartbeat);
        LogServing(_session, _gate.Routes.Options.Routes.Count);
        await Task.WhenAll(AcceptAllAsync(_listener, socket => new ClientConnection(socket, _gate), Refuse, ct), OpenDoorsAsync(ct));
        await DrainAsync();
        LogStopped(_session);
    }

    public void Dispose()
    {
        _giveUp.Dispose();
        _authority.Dispose();
    }

    /// <summary>How clients name this proxy; null for a listener that is no port.</summary>
    private static Authority? Own(Socket listener)
        => listener.LocalEndPoint is IPEndPoint { Address: var address, Port: var port } ? new Authority(address.ToString(), port) : null;

    private async Task OpenDoorsAsync(CancellationToken ct)
    {
        var doors = new List<Task>();
        try
        {
            await foreach (var (port, listener) in _opened.Reader.ReadAllAsync(ct))
            {
                doors.Add(AcceptAllAsync(listener, socket => new ForwardConnection(socket, port, _gate), socket => socket.Dispose(), ct));
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            await Task.WhenAll(doors);
        }
    }

    private async Task AcceptAllAsync(Socket listener, Func<Socket, IGateConnection> connection, Action<Socket> refuse, CancellationToken ct)
    {
        try
        {
            while (!ct.IsCancellationRequested)
            {
                await AcceptAsync(listener, connection, refuse, ct);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The way a gate ends.
        }
    }

    private async Task AcceptAsync(Socket listener, Func<Socket, IGateConnection> connection, Action<Socket> refuse, CancellationToken ct)
    {
        Socket socket;
        try
        {
            socket = await listener.AcceptAsync(ct);
        }
        catch (SocketException error)
        {
            // Out of descriptors, or the client left while it waited: the listener lives on, and we do not spin.
            LogNotAccepted(_session, error.SocketErrorCode);
            await Task.Delay(TimeSpan.FromMilliseconds(50), _gate.Clock, ct);
            return;
        }

        if (_connections.Count >= _gate.Limits.Connections)
        {
            LogBusy(_session, _gate.Limits.Connections);
            refuse(socket);
            return;
        }

        if (socket.ProtocolType is ProtocolType.Tcp)
        {
            socket.NoDelay = true;
        }

        var accepted = connection(socket);
        _connections[accepted] = 0;
        accepted.Start(ended => _connections.TryRemove(ended, out _));
    }

    /// <summary>The answer fits into the socket's buffer; who does not read it does not get it.</summary>
    private void Refuse(Socket socket)
    {
        using (socket)
        {
            var output = new ArrayBufferWriter<byte>();
            Answers.Write(output, 503, Answers.Busy(), EgressJson.Default.GateAnswer, isHead: false, close: true);
            try
            {
                socket.Blocking = false;
                socket.Send(output.WrittenSpan);
            }
            catch (SocketException)
            {
                // Gone already.
            }
        }
    }

    private void Beat()
    {
        _memory.Beat();
        foreach (var (connection, _) in _connections)
        {
            connection.Reap();
        }
    }

    private async Task DrainAsync()
    {
        _gate.IsStopping = true;
        var all = _connections.Keys.ToList();
        all.FindAll(connection => connection.IsIdle).ForEach(connection => connection.Abort());
        var ended = Task.WhenAll(all.Select(connection => connection.Completion));
        try
        {
            await ended.WaitAsync(_gate.Limits.Drain, _gate.Clock, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            all.ForEach(connection => connection.Abort());
            _giveUp.CancelAfter(_gate.Limits.Drain);
            await ended;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Egress gate of session {Session} serves {Routes} routes")]
    private partial void LogServing(string session, int routes);

    [LoggerMessage(Level = LogLevel.Information, Message = "Egress gate of session {Session} stopped")]
    private partial void LogStopped(string session);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Egress gate of session {Session}: a connection could not be accepted ({Error})")]
    private partial void LogNotAccepted(string session, SocketError error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Egress gate of session {Session}: the forward {Port} has no listener yet; a new session will have it")]
    private partial void LogClosedDoor(string session, int port);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Egress gate of session {Session}: more than {Most} connections")]
    private partial void LogBusy(string session, int most);
}
