using Belljar.Bus;
using Belljar.Bus.UnixSocket;
using Microsoft.Extensions.Logging.Abstractions;

namespace Belljar.Bench.Bus;

/// <summary>One publisher, one subscriber, 64-byte bodies; the peer is nats-server with the same measuring code.</summary>
internal sealed class BusBenchmark : IBenchmark
{
    public string Name => "bus";

    public string Summary => "bus, one to one, 64 B: messages a second and latency (target 200,000/s; p99 < 1 ms at 20,000/s)";

    public async Task RunAsync(CancellationToken ct)
    {
        await MeasureInProcessAsync(ct);
        await MeasureUnixSocketAsync(ct);
        await MeasureNatsAsync(ct);
    }

    private static async Task MeasureInProcessAsync(CancellationToken ct)
    {
        var broker = new BusBroker();
        await using var bus = new InProcessBus(broker, "bench", NullLogger<InProcessBus>.Instance);
        await OneToOne.MeasureAsync("belljar, in one process", bus, bus, ct);
    }

    private static async Task MeasureUnixSocketAsync(CancellationToken ct)
    {
        var folder = Directory.CreateTempSubdirectory("bj-bench-");
        try
        {
            var path = Path.Combine(folder.FullName, "bus.sock");
            var broker = new BusBroker();
            await using var server = new BusSocketServer(
                broker, new BusSocketOptions(path), TimeProvider.System, NullLogger<BusSocketServer>.Instance);
            server.Start();
            await using var publisher = Client("publisher");
            await using var subscriber = Client("subscriber");
            await publisher.WaitForConnectionAsync(ct);
            await OneToOne.MeasureAsync("belljar, Unix socket", publisher, subscriber, ct);
            Console.WriteLine($"  dropped: {publisher.Statistics.Dropped} before the broker, {broker.Statistics.Dropped} in it");

            UnixBus Client(string name) => new(new UnixBusOptions(path, name), TimeProvider.System, NullLogger<UnixBus>.Instance);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task MeasureNatsAsync(CancellationToken ct)
    {
        await using var server = await NatsServer.StartAsync(ct);
        if (server is null)
        {
            Console.WriteLine("  nats-server: skipped, it is not installed (Debian package nats-server)");
            return;
        }

        await using var publisher = await NatsTextBus.ConnectAsync(server.Port, ct);
        await using var subscriber = await NatsTextBus.ConnectAsync(server.Port, ct);
        await OneToOne.MeasureAsync($"nats-server {server.Version}, loopback TCP", publisher, subscriber, ct);
    }
}
