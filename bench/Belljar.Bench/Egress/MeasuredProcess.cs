using System.Globalization;
using Belljar.Sandboxes.Processes;

namespace Belljar.Bench.Egress;

/// <summary>A server under measurement, with its workers: what they have used of processor time and memory.</summary>
internal sealed class MeasuredProcess(ChildProcess process) : IAsyncDisposable
{
    private const double TicksPerSecond = 100;

    public double ResidentMiB => Family().Sum(pid => Kibibytes(pid) / 1024);

    public double CpuSeconds => Family().Select(Fields).OfType<string[]>().Sum(fields => Number(fields[11]) + Number(fields[12])) / TicksPerSecond;

    public async ValueTask DisposeAsync()
    {
        process.Send(Signal.Terminate);
        await Task.WhenAny(process.Exited, Task.Delay(TimeSpan.FromSeconds(10), TimeProvider.System));
        await process.DisposeAsync();
    }

    private List<int> Family()
    {
        var parents = Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Select(name => int.TryParse(name, CultureInfo.InvariantCulture, out var pid) ? pid : 0).Where(pid => pid > 0)
            .Select(pid => (Pid: pid, Fields: Fields(pid))).Where(one => one.Fields is not null).ToDictionary(one => one.Pid, one => (int)Number(one.Fields![1]));
        var family = new List<int> { process.Pid };
        for (var i = 0; i < family.Count; i++)
        {
            family.AddRange(parents.Where(one => one.Value == family[i]).Select(one => one.Key));
        }

        return family;
    }

    /// <returns>From the state on; null when it has ended.</returns>
    private static string[]? Fields(int pid)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{pid}/stat");
            return text[(text.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static double Kibibytes(int pid)
    {
        try
        {
            return File.ReadLines($"/proc/{pid}/status").Where(line => line.StartsWith("VmRSS:", StringComparison.Ordinal)).Select(line => Number(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1])).FirstOrDefault();
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
