using System.Net.Sockets;

namespace Belljar.Egress.Gate;

/// <summary>A tunnel that is not inspected: bytes pass both ways, each direction with an end of its own.</summary>
internal sealed class Tunnel(Wire client, Wire upstream, Deadline deadline, EgressLimits limits, Exchange exchange)
{
    public async Task RunAsync(CancellationToken ct)
    {
        deadline.Set(limits.Tunnel);
        await Task.WhenAll(PumpAsync(client, upstream, exchange.Up, ct), PumpAsync(upstream, client, exchange.Down, ct));
    }

    private async Task PumpAsync(Wire from, Wire to, Action<int> count, CancellationToken ct)
    {
        try
        {
            while (true)
            {
                if (!from.IsEmpty)
                {
                    var bytes = from.Available;
                    await to.SendAsync(bytes, ct);
                    from.Consume(bytes.Length);
                    count(bytes.Length);
                    deadline.Set(limits.Tunnel);
                }

                if (!await from.FillAsync(ct))
                {
                    await to.EndSendingAsync();
                    return;
                }
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // One direction broke: there is no half of a broken connection.
            from.Abort();
            to.Abort();
        }
    }
}
