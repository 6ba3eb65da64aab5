using Belljar.Bench;
using Belljar.Contracts;

var benchmarks = new Registry<IBenchmark>("benchmark", Benchmarks.All);
using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    stop.Cancel();
};

if (args is [] or ["--help"])
{
    Console.WriteLine("usage: bench/run NAME…   (or: all)");
    foreach (var benchmark in benchmarks)
    {
        Console.WriteLine($"  {benchmark.Name,-16} {benchmark.Summary}");
    }

    return args is [] ? 2 : 0;
}

try
{
    foreach (var benchmark in args is ["all"] ? benchmarks : args.Select(name => benchmarks[name]))
    {
        Console.WriteLine($"== {benchmark.Name}: {benchmark.Summary}");
        await benchmark.RunAsync(stop.Token);
    }

    return 0;
}
catch (UnknownNameException unknown)
{
    await Console.Error.WriteLineAsync(unknown.Message);
    return 2;
}
