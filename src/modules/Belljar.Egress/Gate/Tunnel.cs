using System.Net.Sockets;

namespace Belljar.Egress.Gate;

/// <summary>A tunnel that is not inspected: bytes pass both ways, each direction with an end of its own.</summary>
internal sealed class Tunnel(Wire client, Wire upstream, Deadline deadline, EgressLimits limits, Func<int, bool> mayLeave, Exchange exchange)
{
    public async Task RunAsync(CancellationToken ct)
    {
        deadline.Set(limits.Tunnel);
        await Task.WhenAll(PumpAsync(client, upstream, Leaves, ct), PumpAsync(upstream, client, Arrives, ct));
    }

    private bool Leaves(int bytes)
    {
        if (!mayLeave(bytes))
        {
            exchange.Decision = Contracts.Decision.Deny("budget", "the session has sent what it may send");
            return false;
        }

        exchange.Up(bytes);
        return true;
    }

    private bool Arrives(int bytes)
    {
        exchange.Down(bytes);
        return true;
    }

    private async Task PumpAsync(Wire from, Wire to, Func<int, bool> count, CancellationToken ct)
    {
        try
        {
            while (true)
            {
                if (!from.IsEmpty)
                {
                    var bytes = from.Available;
                    if (!count(bytes.Length))
                    {
                        from.Abort();
                        to.Abort();
                        return;
                    }

                    await to.SendAsync(bytes, ct);
                    from.Consume(bytes.Length);
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
