using System.Net.Security;
using System.Security.Authentication;
using Belljar.Contracts;
using Belljar.Egress.Gate.Http2;

namespace Belljar.Egress.Gate;

/// <content>
/// CONNECT. After the hello was judged TLS ends here, with a leaf for the host, and the requests inside go the way of all
/// requests; or, where the route says so, the bytes pass as they are.
/// </content>
internal sealed partial class ClientConnection
{
    private static readonly List<SslApplicationProtocol> Protocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11];

    private async Task<bool> ConnectAsync(long started)
    {
        var authority = _head.Target.Authority;
        var exchange = new Exchange(authority.Host, authority.Port!.Value, "CONNECT", null, started);
        if (_tunnel is not null)
        {
            exchange.Decision = Decision.Deny("tunnel-in-tunnel", "there is no second tunnel inside a tunnel");
            return await DenyAsync(exchange);
        }

        var routes = _gate.Routes;
        exchange.Decision = routes.Decide(new Policy.Crossing(exchange.Host, exchange.Port, exchange.Method, null));
        if (!exchange.Decision.IsAllowed)
        {
            return await DenyAsync(exchange);
        }

        Deadline.Clear();
        var policy = routes.PolicyFor(exchange.Host);
        var connection = await _gate.Connector.ConnectAsync(exchange.Host, exchange.Port, policy.Networks, _abort.Token);
        exchange.Address = connection.Address;
        if (connection.Denied is { } denied)
        {
            exchange.Decision = denied;
            return await DenyAsync(exchange);
        }

        if (connection.Socket is not { } socket)
        {
            (exchange.Failure, exchange.Status) = (connection.Failure, 502);
            await RecordAsync(exchange);
            return await AnswerOwnAsync(502, Answers.Failed(exchange), EgressJson.Default.GateAnswer);
        }

        var upstream = new Upstream(exchange.Host, exchange.Port, connection.Address!, policy, new Wire(socket));
        if (policy.IsInspected)
        {
            _forwarder.Adopt(upstream);
            return await InterceptAsync(exchange) && !await TryServeHttp2Async();
        }

        await PassAsync(
            exchange,
            upstream.Connection,
            bytes => _gate.Budgets.TrySpend(routes, policy, bytes.Length) ? null : Decision.Deny("budget", "the session has sent what it may send"));
        return false;
    }

    private async Task PassAsync(Exchange exchange, Wire upstream, Func<ReadOnlyMemory<byte>, Decision?> judge)
    {
        using var owned = upstream;
        using var registration = _abort.Token.Register(upstream.Abort);
        try
        {
            if (await new TunnelOpening(_client, Deadline, _gate.Limits, exchange).RunAsync(CancellationToken.None))
            {
                await new Tunnel(_client, upstream, Deadline, _gate.Limits.Tunnel, judge, exchange).RunAsync(CancellationToken.None);
            }
        }
        finally
        {
            await RecordAsync(exchange);
        }
    }

    /// <summary>Each request inside has an event of its own; the tunnel itself has one only when no request came of it.</summary>
    /// <returns>Whether requests may follow.</returns>
    private async Task<bool> InterceptAsync(Exchange exchange)
    {
        var isOpen = false;
        try
        {
            isOpen = await new TunnelOpening(_client, Deadline, _gate.Limits, exchange).RunAsync(CancellationToken.None)
                && await TerminateTlsAsync(exchange);
        }
        finally
        {
            if (!isOpen)
            {
                await RecordAsync(exchange);
            }
        }

        if (isOpen)
        {
            _tunnel = new Destination(exchange.Host, exchange.Port, IsSecure: true, Refused: null);
            _opened = exchange;
        }

        return isOpen;
    }

    /// <returns>Whether it was HTTP/2; then it has ended.</returns>
    private async Task<bool> TryServeHttp2Async()
    {
        if (!_wire!.IsHttp2)
        {
            return false;
        }

        using var http2 = new Http2Connection(_wire, _gate, Deadline, _tunnel!.Value, _forwarder.Release());
        _http2 = http2;
        try
        {
            await http2.RunAsync();
        }
        finally
        {
            _opened = http2.HasStreams ? null : _opened;
            _http2 = null;
        }

        return true;
    }

    private async Task<bool> TerminateTlsAsync(Exchange exchange)
    {
        exchange.Failure = "the TLS handshake failed";
        try
        {
            await _wire!.SecureAsync(
                new SslServerAuthenticationOptions
                {
                    ServerCertificateContext = _gate.Leaves.For(exchange.Host),
                    ApplicationProtocols = Protocols,
                    EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                },
                CancellationToken.None);
            exchange.Failure = null;
            return true;
        }
        catch (AuthenticationException)
        {
            exchange.Failure = "the TLS handshake failed: the client does not trust the session's authority, or offers neither HTTP/2 nor HTTP/1.1";
            return false;
        }
    }
}
