using System.Buffers;
using System.Net.Sockets;
using System.Text.Json.Serialization.Metadata;
using Belljar.Contracts;
using Belljar.Egress.Gate.Http2;
using Belljar.Egress.Policy;
using Belljar.Egress.Scanning;
using Belljar.Protocols.Http1;
using Microsoft.Extensions.Logging;

namespace Belljar.Egress.Gate;

/// <summary>
/// One connection from inside: reads requests one after another, judges each, and lets it pass or answers it.
/// <code>
///   head → malformed? 400, close
///        → CONNECT → routes → addresses → TLS ends here, and the next head is read inside it
///        → belljar.internal → the list of routes
///        → absolute http://, or inside a tunnel → routes → addresses → HttpForwarder
/// </code>
/// </summary>
internal sealed partial class ClientConnection : IGateConnection, IDisposable
{
    private const int MostLingering = 1 << 20;
    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(2);

    private readonly GateParts _gate;
    private readonly IWire _client;
    private readonly RequestHead _head;
    private readonly HeadScan _headScan = new();
    private readonly HttpForwarder _forwarder;
    private readonly ArrayBufferWriter<byte> _output = new(512);
    private readonly CancellationTokenSource _abort = new();
    private readonly ILogger _logger;
    private Task _recording = Task.CompletedTask;
    private readonly Wire? _wire; // a connection of its own; null for a lane of an HTTP/2 connection
    private Destination? _tunnel;
    private Exchange? _opened;
    private Http2Connection? _http2;
    private volatile bool _isIdle = true;

    public ClientConnection(Socket socket, GateParts gate)
        : this(new Wire(socket), gate) => _wire = (Wire)_client;

    /// <summary>A lane inside a tunnel.</summary>
    /// <param name="upstream">A connection to the tunnel's host whose address was judged; null: there is none yet.</param>
    public ClientConnection(Http2Lane lane, GateParts gate, Destination tunnel, Upstream? upstream)
        : this((IWire)lane, gate)
    {
        _tunnel = tunnel;
        if (upstream is not null)
        {
            _forwarder.Adopt(upstream);
        }
    }

    private ClientConnection(IWire client, GateParts gate)
    {
        _gate = gate;
        _logger = gate.Logger;
        _client = client;
        _head = new RequestHead(gate.Limits.Http);
        Deadline = new Deadline(gate.Clock);
        _forwarder = new HttpForwarder(gate, _client, Deadline);
    }

    public Deadline Deadline { get; }

    /// <summary>Between requests: may be closed without harm.</summary>
    public bool IsIdle => _http2?.IsIdle ?? _isIdle;

    public Task Completion { get; private set; } = Task.CompletedTask;

    public void Start(Action<IGateConnection> ended) => Completion = RunAsync(ended);

    public void Reap()
    {
        if (Deadline.IsPast)
        {
            Abort();
        }
        else
        {
            _http2?.Reap();
        }
    }

    public void Abort()
    {
        try
        {
            _abort.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It ended by itself just now.
        }

        _client.Abort();
        _forwarder.Abort();
    }

    public void Dispose()
    {
        _forwarder.Dispose();
        _client.Dispose();
        _abort.Dispose();
    }

    private async Task RunAsync(Action<IGateConnection> ended)
    {
        await Task.Yield();
        try
        {
            while (await ReadHeadAsync() && await AnswerAsync() && !_gate.IsStopping)
            {
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            LogBroken(error);
        }
        catch (Exception error)
        {
            LogBug(error);
        }
        finally
        {
            if (_opened is not null)
            {
                _opened.Failure = "the tunnel ended without a request: the client may not trust the session's authority";
                await RecordAsync(_opened);
            }

            await _recording;
            ended(this);
            Dispose();
        }
    }

    private async Task<bool> ReadHeadAsync()
    {
        _head.Reset();
        Deadline.Set(_gate.Limits.BetweenRequests);
        while (true)
        {
            if (!_client.IsEmpty)
            {
                if (_isIdle)
                {
                    _isIdle = false;
                    Deadline.Set(_gate.Limits.Head);
                }

                var status = _head.Read(_client.Available.Span, out var consumed);
                _client.Consume(consumed);
                if (status is HeadStatus.Refused)
                {
                    await RefuseAsync(_head.Refusal);
                }

                if (status is not HeadStatus.Incomplete)
                {
                    return status is HeadStatus.Complete;
                }
            }

            if (_isIdle)
            {
                await _client.WaitAsync();
            }

            if (!await _client.FillAsync(CancellationToken.None))
            {
                return false;
            }
        }
    }

    /// <returns>Whether another request may follow.</returns>
    private async Task<bool> AnswerAsync()
    {
        _opened = null;
        Deadline.Set(_gate.Limits.Exchange);
        var started = _gate.Clock.GetTimestamp();
        var stays = _head.IsConnect ? await ConnectAsync(started) : await HttpAsync(started);
        _isIdle = true;
        return stays;
    }

    private async Task<bool> HttpAsync(long started)
    {
        if (Destination.Of(_head, _tunnel) is not { } to)
        {
            await SendAsync(400, Answers.NotAProxyRequest(), EgressJson.Default.GateAnswer, close: true);
            return await LingerAsync();
        }

        if (!RequestPath.TryParse(_head.Target.PathAndQuery, out var path))
        {
            await RefuseAsync(Http1Refusal.PathEncoding);
            return false;
        }

        if (to is { Host: Answers.InternalHost, IsSecure: false })
        {
            return await InternalAsync(path);
        }

        var routes = _gate.Routes;
        var exchange = new Exchange(to.Host, to.Port, _head.Method, path.Canonical, started) { IsSecure = to.IsSecure };
        var policy = routes.PolicyFor(to.Host);
        var found = JudgeSecrets(policy, path, exchange);
        var alert = exchange.Decision;
        exchange.Decision = to.Refused ?? found ?? routes.Decide(new Crossing(to.Host, to.Port, _head.Method, path));
        if (alert.Rule is not null && exchange.Decision.IsAllowed)
        {
            exchange.Decision = alert;
        }

        if (!exchange.Decision.IsAllowed)
        {
            return await DenyAsync(exchange);
        }

        if (policy.Credential is not null && !policy.MayCarryCredential(to))
        {
            exchange.Decision = Decision.Deny("auth-needs-tls", "this host gets a credential, which must not travel in the clear");
            return await DenyAsync(exchange);
        }

        var end = await _forwarder.ForwardAsync(_head, path, exchange, routes, policy, _abort.Token);
        if (end is ForwardEnd.Denied)
        {
            return await DenyAsync(exchange);
        }

        await RecordAsync(exchange);
        switch (end)
        {
            case ForwardEnd.Malformed:
                await SendAsync(400, Answers.Malformed(_forwarder.Refusal), EgressJson.Default.GateAnswer, close: true);
                return await LingerAsync();
            case ForwardEnd.Failed:
                return await AnswerOwnAsync(502, Answers.Failed(exchange), EgressJson.Default.GateAnswer);
            case ForwardEnd.CompleteAndClose:
                return await LingerAsync();
            default:
                return end is ForwardEnd.Complete;
        }
    }

    /// <summary>What the agent sent is scanned before anything is taken from it, also on its way to a host that is denied.</summary>
    private Decision? JudgeSecrets(RoutePolicy policy, RequestPath path, Exchange exchange)
    {
        if (policy.Scanner is not { } scanner)
        {
            return null;
        }

        var findings = new Findings(_gate.Recorder, exchange, policy.Route.Scan);
        Decision? denied = null;
        foreach (var (place, finding) in _headScan.Run(scanner, _head, path, policy))
        {
            denied = findings.Judge(place, finding, isCovered: false) ?? denied;
        }

        return denied;
    }

    private async Task<bool> InternalAsync(RequestPath path)
    {
        var isRoutes = path.Canonical == "/routes" && _head.Method is ("GET" or "HEAD");
        return isRoutes
            ? await AnswerOwnAsync(200, Answers.Routes(_gate.Routes.Options), EgressJson.Default.RouteList)
            : await AnswerOwnAsync(404, Answers.NotFound(), EgressJson.Default.GateAnswer);
    }

    private async Task<bool> DenyAsync(Exchange exchange)
    {
        exchange.Status = 403;
        await RecordAsync(exchange);
        LogDenied(exchange.Host, exchange.Port, exchange.Decision.Rule);
        return await AnswerOwnAsync(403, Answers.Denied(exchange), EgressJson.Default.GateAnswer);
    }

    /// <summary>What was malformed is a decision too. Nothing of it is repeated.</summary>
    private async Task RefuseAsync(Http1Refusal refusal)
    {
        var exchange = new Exchange("", 0, _head.Method, null, _gate.Clock.GetTimestamp())
        {
            Decision = Decision.Deny($"malformed:{refusal}", refusal.Describe()),
            Status = refusal.Status(),
        };
        await RecordAsync(exchange);
        await SendAsync(refusal.Status(), Answers.Malformed(refusal), EgressJson.Default.GateAnswer, close: true);
        await LingerAsync();
    }

    /// <summary>An answer before the request's body was read: with a body, or an upgrade asked for, there is no next request on this connection.</summary>
    private async Task<bool> AnswerOwnAsync<T>(int status, T body, JsonTypeInfo<T> type)
    {
        var stays = _head.IsKeepAlive && !_head.Framing.HasBody && !_head.Connection.Upgrade && !_gate.IsStopping;
        await SendAsync(status, body, type, close: !stays);
        return stays || await LingerAsync();
    }

    private async Task SendAsync<T>(int status, T body, JsonTypeInfo<T> type, bool close)
    {
        _output.ResetWrittenCount();
        if (_wire is null && body is GateAnswer answer && GrpcCall.Is(_head))
        {
            GrpcCall.WriteAnswer(_output, status, answer);
            await _client.SendAsync(_output.WrittenMemory, CancellationToken.None);
            return;
        }

        Answers.Write(_output, status, body, type, isHead: _head.Method == "HEAD", close);
        await _client.SendAsync(_output.WrittenMemory, CancellationToken.None);
    }

    /// <summary>
    /// Closing while the client still sends would reset the connection and destroy the answer on its way: so we read on for
    /// a little while.
    /// </summary>
    private async Task<bool> LingerAsync()
    {
        await _client.EndSendingAsync();
        Deadline.Set(Linger);
        for (int total = 0, count = 1; count > 0 && total < MostLingering; total += count)
        {
            count = await _client.DiscardAsync();
        }

        return false;
    }

    /// <summary>
    /// Does not make the client wait for the disk; but no connection has more than one event under way, so that a flood
    /// of requests cannot outrun its own record.
    /// </summary>
    private async Task RecordAsync(Exchange exchange)
    {
        await _recording;
        _recording = _gate.Recorder.RecordAsync(exchange, _gate.GiveUp);
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Denied {Host}:{Port} by {Rule}")]
    private partial void LogDenied(string host, int port, string rule);

    [LoggerMessage(Level = LogLevel.Debug, Message = "A connection broke")]
    private partial void LogBroken(Exception error);

    [LoggerMessage(Level = LogLevel.Error, Message = "A connection ended by a defect of the gate")]
    private partial void LogBug(Exception error);
}
