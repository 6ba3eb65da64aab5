using Belljar.Bus;
using Belljar.Contracts;
using Belljar.Contracts.Events;
using Microsoft.Extensions.Logging;

namespace Belljar.Hosting.Workers;

/// <summary>Runs a set of workers in this process, each in its own host, and publishes their heartbeats.</summary>
public sealed class WorkerSupervisor : IWorkerControl, IAsyncDisposable
{
    /// <summary>Three missed beats make a worker unknown to whoever watches.</summary>
    public static readonly TimeSpan HeartbeatPeriod = TimeSpan.FromSeconds(10);

    private readonly Registry<WorkerDefinition> _known;
    private readonly List<WorkerRunner> _runners;
    private readonly ITimer _heartbeat;

    /// <param name="known">The catalogue, for the answer to an unknown name.</param>
    /// <param name="run">Which of them run here.</param>
    /// <param name="context">Makes a worker's context; called for every start, so that settings may have changed.</param>
    public WorkerSupervisor(
        Registry<WorkerDefinition> known,
        IEnumerable<WorkerDefinition> run,
        Func<WorkerHealthReporter, IWorkerControl, WorkerContext> context,
        TimeProvider clock,
        IBus bus,
        IEventSink events,
        ILoggerFactory loggers)
    {
        _known = known;
        _runners = [.. run.Select(definition =>
        {
            var health = new WorkerHealthReporter(definition.Name, clock, bus, events);
            return new WorkerRunner(definition, () => context(health, this), health, clock, loggers.CreateLogger<WorkerRunner>());
        })];
        _heartbeat = clock.CreateTimer(_ => Beat(), null, HeartbeatPeriod, HeartbeatPeriod);
    }

    public IReadOnlyList<WorkerHealth> Snapshot() => [.. _runners.Select(runner => runner.Health.Current)];

    /// <summary>Starts them all at once (none may assume an order) and completes when each is ready or has failed for the first time.</summary>
    public Task StartAllAsync(CancellationToken ct) => Task.WhenAll(_runners.Select(runner => runner.StartAsync(ct)));

    public Task StartAsync(string worker, CancellationToken ct) => Runner(worker).StartAsync(ct);

    public Task StopAsync(string worker, CancellationToken ct) => Runner(worker).StopAsync(ct);

    public Task RestartAsync(string worker, CancellationToken ct) => Runner(worker).RestartAsync(ct);

    /// <summary>Restarts those workers that read one of the changed sections.</summary>
    public Task RestartReadersAsync(IReadOnlyCollection<string> sections, CancellationToken ct) => Task.WhenAll(
        _runners.Where(runner => runner.Definition.Sections.Any(sections.Contains)).Select(runner => runner.RestartAsync(ct)));

    /// <summary>Stops everything for good, in three steps.</summary>
    /// <param name="last">Those that the others report to; they stop last, in the opposite order.</param>
    /// <param name="lastWords">Runs when only those are left.</param>
    /// <param name="flush">Then this: from here on nobody is asked to record anything.</param>
    /// <param name="ct">The deadline for all of it.</param>
    /// <returns>Whether a worker was in a faulted state, which the process's exit code should say.</returns>
    public async Task<bool> StopAllAsync(IReadOnlyList<string> last, Func<ValueTask> lastWords, Func<ValueTask> flush, CancellationToken ct)
    {
        var faulted = _runners.Any(runner => runner.Health.Current.State is WorkerState.Faulted);
        await Task.WhenAll(_runners.Where(runner => !last.Contains(runner.Definition.Name)).Select(runner => runner.CloseAsync(ct)));
        await lastWords();
        await flush();
        foreach (var runner in _runners.Where(runner => last.Contains(runner.Definition.Name)).Reverse())
        {
            await runner.CloseAsync(ct);
        }

        return faulted;
    }

    public async ValueTask DisposeAsync()
    {
        await _heartbeat.DisposeAsync();
        foreach (var runner in _runners)
        {
            runner.Dispose();
        }
    }

    private void Beat()
    {
        foreach (var runner in _runners)
        {
            runner.Health.Beat();
        }
    }

    private WorkerRunner Runner(string worker) =>
        _runners.Find(runner => runner.Definition.Name == worker)
        ?? throw new UnknownNameException("worker", worker, _runners.Select(runner => runner.Definition.Name).DefaultIfEmpty(_known[worker].Name));
}
