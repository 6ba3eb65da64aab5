using System.Diagnostics;

namespace Belljar.Bench;

/// <summary>Times by step, printed as medians.</summary>
internal sealed class BenchTimes(string title)
{
    private readonly Dictionary<string, List<double>> _times = [];

    public async Task<T> TimedAsync<T>(string step, Func<Task<T>> work)
    {
        var start = Stopwatch.GetTimestamp();
        var result = await work();
        Add(step, start);
        return result;
    }

    public async Task TimedAsync(string step, Func<Task> work)
    {
        var start = Stopwatch.GetTimestamp();
        await work();
        Add(step, start);
    }

    public void Add(string step, long start)
    {
        if (!_times.TryGetValue(step, out var values))
        {
            _times[step] = values = [];
        }

        values.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }

    public void Print()
    {
        foreach (var (step, values) in _times)
        {
            values.Sort();
            Console.WriteLine($"  {title,-8} {step,-32} median {values[values.Count / 2],7:F1} ms   best {values[0],7:F1} ms");
        }
    }
}
