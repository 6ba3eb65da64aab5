using Belljar.Contracts;
using Belljar.Net;
using Belljar.Protocols.Tls;

namespace Belljar.Egress.Gate;

/// <summary>
/// The beginning of every CONNECT that was allowed: the client is told so, and its first bytes must be a TLS ClientHello
/// that names the host that was asked for. Nothing reaches the upstream before the hello was judged.
/// </summary>
internal sealed class TunnelOpening(IWire client, Deadline deadline, EgressLimits limits, Exchange exchange)
{
    private static readonly ReadOnlyMemory<byte> Established = "HTTP/1.1 200 Connection Established\r\n\r\n"u8.ToArray();

    // A fatal alert, access_denied (RFC 8446 §6): the client says so instead of "connection closed".
    private static readonly ReadOnlyMemory<byte> AccessDenied = new byte[] { 21, 3, 3, 0, 2, 2, 49 };

    /// <returns>Whether TLS begins; the hello is still unread in the wire.</returns>
    public async Task<bool> RunAsync(CancellationToken ct)
    {
        exchange.Status = 200;
        exchange.Failure = "the tunnel ended before TLS began";
        deadline.Set(limits.Head);
        await client.SendAsync(Established, ct);
        if (!await JudgeHelloAsync(ct))
        {
            return false;
        }

        exchange.Failure = null;
        return true;
    }

    private async Task<bool> JudgeHelloAsync(CancellationToken ct)
    {
        while (true)
        {
            if (!client.IsEmpty)
            {
                var status = ClientHello.Read(client.Available.Span, out var hello);
                if (status is ClientHelloStatus.Complete && Names(hello!))
                {
                    return true;
                }

                if (status is not ClientHelloStatus.Incomplete || client.Available.Length > ClientHello.Longest)
                {
                    await DenyAsync(status, hello, ct);
                    return false;
                }
            }

            if (!await client.FillAsync(ct))
            {
                return false;
            }
        }
    }

    /// <summary>An address has no name to send (RFC 6066 §3); a name must be sent, and be the one that was judged.</summary>
    private bool Names(ClientHello hello) => HostSpelling.Of(exchange.Host).Kind is HostKind.Address
        ? hello.ServerName is null || hello.ServerName == exchange.Host
        : hello.ServerName == exchange.Host;

    private async Task DenyAsync(ClientHelloStatus status, ClientHello? hello, CancellationToken ct)
    {
        exchange.Failure = null;
        exchange.Decision = hello is null
            ? Decision.Deny("tls-only", status is ClientHelloStatus.NotTls ? "only TLS passes inside a tunnel" : "the TLS ClientHello is malformed")
            : Decision.Deny("sni", hello.ServerName is null ? "the TLS ClientHello names no host" : "the TLS ClientHello names another host than CONNECT did");
        if (status is not ClientHelloStatus.NotTls)
        {
            await client.SendAsync(AccessDenied, ct);
        }

        await client.EndSendingAsync();
    }
}
