using System.Net.Sockets;
using Belljar.Contracts;

namespace Belljar.Egress.Gate;

/// <summary>A tunnel that is not inspected: bytes pass both ways, each direction with an end of its own.</summary>
/// <param name="idle">Without a byte in either direction for so long, it is cut.</param>
/// <param name="judge">What is about to leave: the denial, or null.</param>
internal sealed class Tunnel(IWire client, IWire upstream, Deadline deadline, TimeSpan idle, Func<ReadOnlyMemory<byte>, Decision?> judge, Exchange exchange)
{
    public async Task RunAsync(CancellationToken ct)
    {
        deadline.Set(idle);
        await Task.WhenAll(PumpAsync(client, upstream, Leaves, ct), PumpAsync(upstream, client, Arrives, ct));
    }

    private bool Leaves(ReadOnlyMemory<byte> bytes)
    {
        if (judge(bytes) is { } denied)
        {
            exchange.Decision = denied;
            return false;
        }

        exchange.Up(bytes.Length);
        return true;
    }

    private bool Arrives(ReadOnlyMemory<byte> bytes)
    {
        exchange.Down(bytes.Length);
        return true;
    }

    private async Task PumpAsync(IWire from, IWire to, Func<ReadOnlyMemory<byte>, bool> mayPass, CancellationToken ct)
    {
        try
        {
            while (true)
            {
                if (!from.IsEmpty)
                {
                    var bytes = from.Available;
                    if (!mayPass(bytes))
                    {
                        from.Abort();
                        to.Abort();
                        return;
                    }

                    await to.SendAsync(bytes, ct);
                    from.Consume(bytes.Length);
                    deadline.Set(idle);
                }
                else
                {
                    await from.WaitAsync();
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
