using System.Text;
using Belljar.Contracts;
using Belljar.Contracts.Events;
using Belljar.Control;
using Belljar.Hosting;
using Belljar.Sandboxes.Processes;
using Belljar.Sessions;
using Belljar.Store.Events;

namespace Belljar.Demo;

/// <summary>A temporary home in which <c>belljar up</c> runs as a process of its own, as it does for everybody.</summary>
internal sealed class DemoHome(string folder) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Dictionary<string, string> _environment = new(ProcessEnvironment.All()) { ["BELLJAR_HOME"] = folder };
    private ChildProcess? _up;

    public BelljarPaths Paths { get; } = BelljarPaths.At(folder);

    /// <summary>Starts <c>up</c> and waits until every worker is ready.</summary>
    public async Task<SystemStatus> UpAsync(CancellationToken ct)
    {
        _up = ChildProcess.Start(Command("up"));
        using var control = new ControlClient(Paths);
        return await UntilAsync(
            async () => _up.Exited.IsCompleted
                ? throw new OperatorException($"'belljar up' ended with code {await _up.Exited}; see {Paths.Logs}.")
                : await StatusAsync(control, ct),
            status => status.Workers.Count > 0 && status.Workers.All(worker => worker.State is WorkerState.Ready),
            "every worker ready",
            ct);
    }

    public async Task<int> StopAsync()
    {
        _up!.Send(Signal.Terminate);
        return await _up.Exited.WaitAsync(Patience, TimeProvider.System);
    }

    /// <summary>Runs one of our own commands.</summary>
    public Task<RunResult> BelljarAsync(CancellationToken ct, params string[] arguments) =>
        ChildProcess.RunAsync(Command(arguments), new RunLimits { Timeout = Patience }, ct);

    /// <summary>Runs a program of the system.</summary>
    public Task<RunResult> ProgramAsync(CancellationToken ct, params string[] command) => FeedAsync("", command, ct);

    /// <summary>The same with something to read: what must not stand in an argument list.</summary>
    public Task<RunResult> FeedAsync(string input, string[] command, CancellationToken ct) => ChildProcess.RunAsync(
        new ChildSpec(command) { Environment = _environment }, new RunLimits { Timeout = Patience, Input = Encoding.UTF8.GetBytes(input) }, ct);

    /// <summary>Waits for an event: everything reaches the record by itself, soon.</summary>
    public async Task<BelljarEvent> EventAsync(string kind, Func<BelljarEvent, bool> isIt, CancellationToken ct)
    {
        using var reader = EventReader.Open(Paths.EventsDatabase);
        return await UntilAsync(
            () => Task.FromResult(reader.List(new EventQuery { KindPattern = kind, Limit = 1000 }, ct).Select(stored => stored.Event).FirstOrDefault(isIt)),
            found => found is not null,
            $"an event {kind}",
            ct) ?? throw new OperatorException($"no event {kind}");
    }

    public IReadOnlyList<StoredEvent> Events(CancellationToken ct)
    {
        using var reader = EventReader.Open(Paths.EventsDatabase);
        return reader.List(new EventQuery { NewestFirst = false, Limit = EventQuery.LargestPage }, ct);
    }

    public async ValueTask DisposeAsync()
    {
        if (_up is not null)
        {
            await _up.DisposeAsync();
        }
    }

    private ChildSpec Command(params string[] arguments) =>
        new([.. OwnProgram.Command, .. arguments]) { Environment = _environment, WorkingDirectory = "/" };

    private static async Task<SystemStatus> StatusAsync(ControlClient control, CancellationToken ct)
    {
        try
        {
            return await control.StatusAsync(ct);
        }
        catch (OperatorException notYet) when (notYet.ExitCode == OperatorException.NotReachable)
        {
            return new SystemStatus("", "", 0, default, []);
        }
    }

    private static async Task<T> UntilAsync<T>(Func<Task<T>> look, Func<T, bool> isSo, string what, CancellationToken ct)
    {
        var since = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var seen = await look();
            if (isSo(seen))
            {
                return seen;
            }

            if (TimeProvider.System.GetElapsedTime(since) > Patience)
            {
                throw new OperatorException($"waited {Patience.TotalSeconds:0} s in vain for {what}.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, ct);
        }
    }
}
