using System.Diagnostics;
using System.Net.Sockets;
using Belljar.Sandboxes;
using Belljar.Sandboxes.Processes;

namespace Belljar.Bench;

/// <summary>From nothing to the first output of a command in a sandbox, and the steps on the way, beside plain docker. Needs root.</summary>
internal sealed class SandboxBenchmark : IBenchmark
{
    private const int Rounds = 15;
    private const int IdleSandboxes = 5;

    public string Name => "sandbox";

    public string Summary => "oci and docker: start, first output, exec, listener, memory; beside docker run and docker exec (medians)";

    public async Task RunAsync(CancellationToken ct)
    {
        var folder = Directory.CreateTempSubdirectory("bj-bench-").FullName;
        var run = $"/run/bj-bench-{Environment.ProcessId}";
        await using var engine = await SandboxBenchEngine.StartAsync(Path.Combine(folder, "engine"), ct);
        var settings = new SandboxSettings { StateFolder = Path.Combine(folder, "s"), RunFolder = run, EngineSocket = engine?.Socket ?? "/var/run/docker.sock" };
        foreach (var kind in SandboxBackends.All)
        {
            var backend = kind.Open(settings);
            var probe = await backend.ProbeAsync(ct);
            if (probe.IsUsable)
            {
                await MeasureAsync(backend, ct);
            }
            else
            {
                Console.WriteLine($"  {kind.Name} skipped: {probe.Problem}");
            }
        }

        if (engine is not null)
        {
            await engine.CompareAsync(Rounds, ct);
            await engine.DisposeAsync();
        }

        foreach (var left in new[] { run, folder }.Where(Directory.Exists))
        {
            Directory.Delete(left, recursive: true);
        }
    }

    private static async Task MeasureAsync(ISandboxBackend backend, CancellationToken ct)
    {
        var times = new BenchTimes(backend.Name);
        for (var i = 0; i < Rounds; i++)
        {
            await RoundAsync(backend, $"b{i}", times, ct);
        }

        times.Print();
        var idle = new List<ISandbox>();
        for (var i = 0; i < IdleSandboxes; i++)
        {
            idle.Add(await backend.CreateAsync(new SandboxSpec { Name = $"idle{i}" }, ct));
            await idle[i].StartAsync(ct);
        }

        var memory = new List<long>();
        foreach (var sandbox in idle)
        {
            memory.Add((await sandbox.GetStatsAsync(ct)).MemoryBytes ?? 0);
            await sandbox.DeleteAsync(ct);
        }

        memory.Sort();
        Console.WriteLine($"  {backend.Name,-8} {"memory of an idle one",-28} median {memory[memory.Count / 2] / 1024.0,7:F0} KB");
    }

    private static async Task RoundAsync(ISandboxBackend backend, string name, BenchTimes times, CancellationToken ct)
    {
        var cold = Stopwatch.GetTimestamp();
        var sandbox = await times.TimedAsync("create", () => backend.CreateAsync(new SandboxSpec { Name = name }, ct));
        await times.TimedAsync("start", () => sandbox.StartAsync(ct));
        var exec = Stopwatch.GetTimestamp();
        await using (var execution = await sandbox.ExecAsync(new ExecSpec("echo", "x") { Output = ChildStream.Pipe }, ct))
        {
            await execution.Output!.ReadExactlyAsync(new byte[2], ct);
            times.Add("exec to first output", exec);
            times.Add("cold start to first output", cold);
            await execution.Completed;
            times.Add("exec to exit code", exec);
        }

        var listen = Stopwatch.GetTimestamp();
        using (var listener = await sandbox.ListenAsync(17480, ct))
        {
            times.Add("listen", listen);
            await FirstByteAsync(sandbox, listener, times, ct);
        }

        await times.TimedAsync("write a file, running", () => sandbox.WriteFileAsync("/home/agent/x", new byte[1000], SandboxFileAttributes.Default, ct));
        await times.TimedAsync("stop", () => sandbox.StopAsync(ct));
        await times.TimedAsync("write a file, stopped", () => sandbox.WriteFileAsync("/home/agent/y", new byte[1000], SandboxFileAttributes.Default, ct));
        await times.TimedAsync("delete", () => sandbox.DeleteAsync(ct));
    }

    /// <summary>From a connection's accept to the byte's arrival inside and the answer back: three round trips by one client inside.</summary>
    private static async Task FirstByteAsync(ISandbox sandbox, Socket listener, BenchTimes times, CancellationToken ct)
    {
        await using var client = await sandbox.ExecAsync(
            new ExecSpec("bash", "-c", "for i in 1 2 3; do exec 3<>/dev/tcp/127.0.0.1/17480; read -r -n 1 x <&3; echo a >&3; exec 3>&-; done"), ct);
        for (var i = 0; i < 3; i++)
        {
            using var connection = await listener.AcceptAsync(ct);
            var start = Stopwatch.GetTimestamp();
            await connection.SendAsync("x"u8.ToArray(), ct);
            await connection.ReceiveAsync(new byte[2], ct);
            times.Add("listener's byte there and back", start);
        }

        await client.Completed;
    }
}
