using System.Diagnostics;
using Belljar.Sandboxes;
using Belljar.Sandboxes.Processes;

namespace Belljar.Bench;

/// <summary>From nothing to the first output of a command in a sandbox, and the steps on the way. Needs root and runc.</summary>
internal sealed class SandboxBenchmark : IBenchmark
{
    private const int Rounds = 15;

    public string Name => "sandbox";

    public string Summary => "oci: create, start, listen, first output, exec, write, delete (medians)";

    public async Task RunAsync(CancellationToken ct)
    {
        var folder = Directory.CreateTempSubdirectory("bj-bench-").FullName;
        var run = $"/run/bj-bench-{Environment.ProcessId}";
        var backend = SandboxBackends.All["oci"].Open(new SandboxSettings { StateFolder = folder, RunFolder = run });
        var probe = await backend.ProbeAsync(ct);
        if (!probe.IsUsable)
        {
            Console.WriteLine($"  skipped: {probe.Problem}");
            return;
        }

        var times = new Dictionary<string, List<double>>();
        for (var i = 0; i < Rounds; i++)
        {
            await RoundAsync(backend, $"b{i}", times, ct);
        }

        foreach (var (step, values) in times)
        {
            values.Sort();
            Console.WriteLine($"  {step,-28} median {values[values.Count / 2],7:F1} ms   best {values[0],7:F1} ms");
        }

        Directory.Delete(run, recursive: true);
        Directory.Delete(folder, recursive: true);
    }

    private static async Task RoundAsync(ISandboxBackend backend, string name, Dictionary<string, List<double>> times, CancellationToken ct)
    {
        var cold = Stopwatch.GetTimestamp();
        var sandbox = await Timed("create", () => backend.CreateAsync(new SandboxSpec { Name = name }, ct));
        await Timed("start", async () => { await sandbox.StartAsync(ct); return 0; });
        using var listener = await Timed("listen", () => sandbox.ListenAsync(17480, ct));
        var exec = Stopwatch.GetTimestamp();
        await using (var execution = await sandbox.ExecAsync(new ExecSpec("echo", "x") { Output = ChildStream.Pipe }, ct))
        {
            await execution.Output!.ReadExactlyAsync(new byte[2], ct);
            Add("exec to first output", exec);
            Add("cold start to first output", cold);
            await execution.Completed;
            Add("exec to exit code", exec);
        }

        await Timed("write a file, running", async () => { await sandbox.WriteFileAsync("/home/agent/x", new byte[1000], SandboxFileAttributes.Default, ct); return 0; });
        await Timed("stop", async () => { await sandbox.StopAsync(ct); return 0; });
        await Timed("write a file, stopped", async () => { await sandbox.WriteFileAsync("/home/agent/y", new byte[1000], SandboxFileAttributes.Default, ct); return 0; });
        await Timed("delete", async () => { await sandbox.DeleteAsync(ct); return 0; });

        async Task<T> Timed<T>(string step, Func<Task<T>> work)
        {
            var start = Stopwatch.GetTimestamp();
            var result = await work();
            Add(step, start);
            return result;
        }

        void Add(string step, long start)
        {
            if (!times.TryGetValue(step, out var values))
            {
                times[step] = values = [];
            }

            values.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
    }
}
