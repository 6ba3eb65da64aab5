using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Belljar.Sandboxes.Processes;

namespace Belljar.Bench.Egress;

/// <summary>
/// The gate with interception, beside a direct connection, nginx as a TLS reverse proxy, squid with ssl-bump and mitmproxy
/// (where they are installed): requests a second over 32 kept connections and with new ones, latency over one, an upload,
/// processor time, memory. Each warms up for ten seconds, then three rounds in turn, and the median;
/// <c>BELLJAR_BENCH_QUICK=1</c> makes it a minute.
/// </summary>
internal sealed class EgressBenchmark : IBenchmark
{
    private const int Many = 32;
    private const int IdleTunnels = 1000;

    [SuppressMessage("ApiDesign", "RS0030", Justification = "A benchmark is told by whoever runs it.")]
    private static readonly bool IsQuick = Environment.GetEnvironmentVariable("BELLJAR_BENCH_QUICK") is "1";
    private static readonly int Rounds = IsQuick ? 1 : 3;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(IsQuick ? 2 : 10);
    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(IsQuick ? 2 : 4);
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(6);

    public string Name => "egress";

    public string Summary => "the egress gate with interception, beside direct, nginx, squid and mitmproxy: requests per second, latency, upload, memory";

    public async Task RunAsync(CancellationToken ct)
    {
        if (ProgramPath.Find("nginx") is null)
        {
            Console.WriteLine("  nginx is not installed: it is the host that is asked");
            return;
        }

        var folder = Directory.CreateTempSubdirectory("bj-bench-").FullName;
        try
        {
            await RunAsync(new EgressPeers(folder), ct);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task RunAsync(EgressPeers start, CancellationToken ct)
    {
        await using var origin = await start.OriginAsync(ct);
        var peers = new List<Peer> { start.Direct };
        try
        {
            peers.Add(await start.NginxReverseAsync(ct));
            peers.AddRange(new[] { await start.SquidAsync(ct), await start.MitmproxyAsync(ct) }.OfType<Peer>());
            peers.Add(await start.GateAsync("off", ct));
            peers.Add(await start.GateAsync("deny", ct));
            await Task.Delay(Rest, ct);
            foreach (var peer in peers.Where(peer => peer.Process is not null))
            {
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {peer.Name,-24} at rest {peer.Process!.ResidentMiB,5:F0} MiB"));
            }

            await LoadAsync(peers, ct);
            foreach (var peer in peers.Where(peer => peer.Process is not null))
            {
                await IdleAsync(peer, ct);
            }
        }
        finally
        {
            foreach (var peer in peers)
            {
                await peer.DisposeAsync();
            }
        }
    }

    private static async Task LoadAsync(List<Peer> peers, CancellationToken ct)
    {
        foreach (var peer in peers)
        {
            await peer.Load.RunAsync(Many, WarmUp, ct);
        }

        var results = peers.ToDictionary(peer => peer, _ => new List<Round>());
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var peer in peers)
            {
                var before = peer.Process?.CpuSeconds ?? 0;
                var many = await peer.Load.RunAsync(Many, Measured, ct);
                var cpu = ((peer.Process?.CpuSeconds ?? 0) - before) / (many.PerSecond * Measured.TotalSeconds) * 10_000;
                var one = await peer.Load.RunAsync(1, Measured, ct);
                results[peer].Add(new Round(many, one, await peer.Load.RunNewAsync(8, Measured, ct), cpu, await UploadAsync(peer, ct)));
            }
        }

        var direct = Median(results[peers[0]], round => round.One.P50);
        var directLate = Median(results[peers[0]], round => round.One.P99);
        foreach (var (peer, rounds) in results)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  {peer.Name,-24} {Many} kept {Median(rounds, r => r.Many.PerSecond),7:F0}/s p50 {Median(rounds, r => r.Many.P50),5:F2} p99 {Median(rounds, r => r.Many.P99),6:F2} ms   one kept adds p50 {Median(rounds, r => r.One.P50) - direct,6:F3} p99 {Median(rounds, r => r.One.P99) - directLate,6:F3} ms   new {Median(rounds, r => r.New),5:F0}/s   CPU {Median(rounds, r => r.Cpu),5:F2} s per 10,000   upload {Median(rounds, r => r.Upload),5:F0} MB/s"));
        }
    }

    /// <returns>Megabytes a second; 0 where it is not taken.</returns>
    private static async Task<double> UploadAsync(Peer peer, CancellationToken ct)
    {
        try
        {
            return await peer.Load.UploadAsync(IsQuick ? 64L << 20 : 256L << 20, ct) / 1e6;
        }
        catch (Exception refused) when (refused is IOException or InvalidOperationException)
        {
            return 0;
        }
    }

    private static async Task IdleAsync(Peer peer, CancellationToken ct)
    {
        var idle = new List<IAsyncDisposable>();
        try
        {
            while (idle.Count < IdleTunnels)
            {
                idle.Add(await peer.Load.ConnectAsync(ct));
            }

            await Task.Delay(Rest, ct);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {peer.Name,-24} {idle.Count} idle tunnels {peer.Process!.ResidentMiB,5:F0} MiB"));
        }
        catch (IOException)
        {
            Console.WriteLine($"  {peer.Name,-24} took no more than {idle.Count} idle tunnels");
        }
        finally
        {
            foreach (var one in idle)
            {
                await one.DisposeAsync();
            }
        }
    }

    private static double Median(List<Round> rounds, Func<Round, double> value) => rounds.Select(value).Order().ElementAt(rounds.Count / 2);

    /// <param name="Cpu">Seconds for 10,000 requests.</param>
    /// <param name="Upload">Megabytes a second.</param>
    private sealed record Round(LoadResult Many, LoadResult One, double New, double Cpu, double Upload);
}
