using System.Collections.Concurrent;
using Belljar.Bus;
using Belljar.Contracts;
using Belljar.Contracts.Events;
using Belljar.Hosting.Settings;
using Belljar.Hosting.Workers;
using Belljar.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Belljar.Hosting.Tests.Workers;

/// <summary>A supervisor over workers that a test tells what to do.</summary>
internal sealed class SupervisorRig : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly InProcessBus _bus;

    public SupervisorRig(params ScriptedWorker[] workers)
    {
        Bus = new BusBroker();
        _bus = new InProcessBus(Bus, "test", NullLogger<InProcessBus>.Instance);
        var known = new Registry<WorkerDefinition>("worker", workers.Select(worker => worker.Definition));
        Supervisor = new WorkerSupervisor(
            known,
            known,
            (health, control) => new WorkerContext
            {
                Paths = BelljarPaths.At(_folder.Path),
                Settings = SettingsSet.Of(),
                Clock = Clock,
                Events = Events,
                Bus = _bus,
                Health = health,
                Workers = control,
                Loggers = NullLoggerFactory.Instance,
            },
            Clock,
            _bus,
            Events,
            NullLoggerFactory.Instance);
    }

    public ManualClock Clock { get; } = new();

    public BusBroker Bus { get; }

    public RecordedEvents Events { get; } = new();

    public WorkerSupervisor Supervisor { get; }

    public Task<ISubscription> SubscribeAsync(string pattern) => _bus.SubscribeAsync(pattern, CancellationToken.None);

    public WorkerHealth Health(string worker) => Supervisor.Snapshot().Single(health => health.Name == worker);

    public async ValueTask DisposeAsync()
    {
        await Supervisor.StopAllAsync([], () => ValueTask.CompletedTask, () => ValueTask.CompletedTask, CancellationToken.None);
        await Supervisor.DisposeAsync();
        await _bus.DisposeAsync();
        _folder.Dispose();
    }
}

/// <summary>Remembers what was recorded.</summary>
internal sealed class RecordedEvents : IEventSink
{
    private readonly ConcurrentQueue<BelljarEvent> _events = new();

    public IReadOnlyList<BelljarEvent> All => [.. _events];

    public ValueTask RecordAsync(BelljarEvent e, CancellationToken ct)
    {
        _events.Enqueue(e);
        return ValueTask.CompletedTask;
    }

    public void Post(BelljarEvent e) => _events.Enqueue(e);
}

/// <summary>A worker whose start, run and faults a test decides.</summary>
internal sealed class ScriptedWorker
{
    private int _starts;

    public ScriptedWorker(string name) => Definition = new WorkerDefinition(name, "scripted", WorkerNeeds.None, Build);

    public WorkerDefinition Definition { get; }

    public int Starts => _starts;

    /// <summary>Called at every start, with the number of it from 1; may throw, may wait.</summary>
    public Func<int, WorkerContext, Task> OnStart { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>What the running worker does; when it throws, the worker faults.</summary>
    public Func<CancellationToken, Task> OnRun { get; set; } = ct => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct);

    /// <summary>Called when it is told to stop.</summary>
    public Action OnStop { get; set; } = () => { };

    private IHost Build(WorkerContext context)
    {
        var builder = WorkerHost.Create(context);
        builder.Services.AddHostedService(_ => new Service(this, context));
        return builder.Build();
    }

    private sealed class Service(ScriptedWorker worker, WorkerContext context) : BackgroundService
    {
        public override async Task StartAsync(CancellationToken cancellationToken)
        {
            await worker.OnStart(Interlocked.Increment(ref worker._starts), context);
            await base.StartAsync(cancellationToken);
        }

        public override async Task StopAsync(CancellationToken cancellationToken)
        {
            worker.OnStop();
            await base.StopAsync(cancellationToken);
        }

        protected override Task ExecuteAsync(CancellationToken stoppingToken) => worker.OnRun(stoppingToken);
    }
}
