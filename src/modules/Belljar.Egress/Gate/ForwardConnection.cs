using System.Net.Sockets;
using Belljar.Contracts;
using Belljar.Egress.Policy;
using Belljar.Egress.Scanning;
using Microsoft.Extensions.Logging;

namespace Belljar.Egress.Gate;

/// <summary>
/// One connection through a door. The place was named by the operator and is judged like a route's: resolved once, every
/// address judged, exactly that dialled. What passes is not understood; but a value that is known does not pass.
/// </summary>
internal sealed partial class ForwardConnection(Socket socket, int door, GateParts gate) : IGateConnection, IDisposable
{
    private const string Method = "FORWARD";
    private const string Place = "forward";

    private readonly Wire _client = new(socket);
    private readonly CancellationTokenSource _abort = new();
    private readonly Deadline _deadline = new(gate.Clock);
    private readonly ILogger _logger = gate.Logger;
    private volatile Wire? _upstream;

    /// <summary>Nobody knows where something ends in here: a gate that stops does not wait for it.</summary>
    public bool IsIdle => true;

    public Task Completion { get; private set; } = Task.CompletedTask;

    public void Start(Action<IGateConnection> ended) => Completion = RunAsync(ended);

    public void Reap()
    {
        if (_deadline.IsPast)
        {
            Abort();
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
        _upstream?.Abort();
    }

    public void Dispose()
    {
        _upstream?.Dispose();
        _client.Dispose();
        _abort.Dispose();
    }

    private async Task RunAsync(Action<IGateConnection> ended)
    {
        await Task.Yield();
        try
        {
            await ServeAsync();
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
            ended(this);
            Dispose();
        }
    }

    private async Task ServeAsync()
    {
        var routes = gate.Routes;
        var started = gate.Clock.GetTimestamp();
        if (routes.Door(door) is not { } forward)
        {
            // It was declared once: who holds the listener cannot take it away from inside.
            await RefuseAsync(new Exchange("", door, Method, null, started) { Decision = Decision.Deny($"forward:{door}", "this forward is not declared any more") });
            return;
        }

        var policy = forward.Policy;
        var exchange = new Exchange(forward.Forward.Host, forward.Forward.Port, Method, null, started)
        {
            Decision = Decision.Allow($"forward:{door}", "passed without inspection"),
        };
        var connection = await gate.Connector.ConnectAsync(exchange.Host, exchange.Port, policy.Networks, _abort.Token);
        exchange.Address = connection.Address;
        if (connection.Socket is null)
        {
            (exchange.Decision, exchange.Failure) = (connection.Denied ?? exchange.Decision, connection.Failure);
            await RefuseAsync(exchange);
            return;
        }

        _upstream = new Wire(connection.Socket);
        _abort.Token.ThrowIfCancellationRequested();
        try
        {
            using var scan = routes.Vault.Values.Begin();
            await new Tunnel(_client, _upstream, _deadline, gate.Limits.Forward, bytes => Judge(bytes, scan, routes, policy, exchange), exchange).RunAsync(CancellationToken.None);
        }
        finally
        {
            await gate.Recorder.RecordAsync(exchange, gate.GiveUp);
        }
    }

    private Decision? Judge(ReadOnlyMemory<byte> bytes, IContentScan scan, RouteTable routes, RoutePolicy policy, Exchange exchange)
    {
        var found = new List<ContentFinding>();
        scan.Append(bytes.Span, found);
        if (found.Count > 0 && new Findings(gate.Recorder, exchange, RouteScan.Deny).Judge(Place, found[0], isCovered: false) is { } denied)
        {
            return denied;
        }

        return gate.Budgets.TrySpend(routes, policy, bytes.Length) ? null : Decision.Deny("budget", "the session has sent what it may send");
    }

    /// <summary>A reset, which no protocol takes for an answer.</summary>
    private async Task RefuseAsync(Exchange exchange)
    {
        socket.LingerState = new LingerOption(enable: true, 0);
        await gate.Recorder.RecordAsync(exchange, gate.GiveUp);
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "A forwarded connection broke")]
    private partial void LogBroken(Exception error);

    [LoggerMessage(Level = LogLevel.Error, Message = "A forwarded connection ended by a defect of the gate")]
    private partial void LogBug(Exception error);
}
