using System.Globalization;

namespace Belljar.Bench.Mail;

/// <summary>Processor time of processes, which says more than the clock on a machine that others use too (proc(5)).</summary>
internal static class ProcessTimes
{
    private const int Parent = 1;
    private const int Own = 11;
    private const int WaitedFor = 13;
    private const double TicksPerSecond = 100;

    public static TimeSpan Of(int process) => Read(process) is { } fields ? Sum(fields, Own) : TimeSpan.Zero;

    /// <summary>A process and all below it, also those that have ended and were waited for.</summary>
    public static TimeSpan OfFamily(int process)
    {
        var all = Directory.EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var id) && Read(id) is { } fields ? (Id: id, Fields: fields) : default)
            .Where(one => one.Fields is not null)
            .ToList();
        var sum = TimeSpan.Zero;
        var left = new Queue<int>([process]);
        while (left.TryDequeue(out var id))
        {
            foreach (var (child, fields) in all.Where(one => one.Id == id || one.Fields[Parent] == id.ToString(CultureInfo.InvariantCulture)))
            {
                if (child == id)
                {
                    sum += Sum(fields, Own) + Sum(fields, WaitedFor);
                }
                else
                {
                    left.Enqueue(child);
                }
            }
        }

        return sum;
    }

    private static TimeSpan Sum(string[] fields, int first) =>
        TimeSpan.FromSeconds((long.Parse(fields[first], CultureInfo.InvariantCulture) + long.Parse(fields[first + 1], CultureInfo.InvariantCulture)) / TicksPerSecond);

    /// <summary>The fields behind the name, which may hold spaces.</summary>
    private static string[]? Read(int process)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{process}/stat");
            return text[(text.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return null; // It has ended.
        }
    }
}
