using Belljar.Bus;
using Belljar.Bus.UnixSocket;
using Belljar.Contracts.Events;
using Belljar.Hosting;
using Belljar.Hosting.Logging;
using Belljar.Hosting.Settings;
using Belljar.Hosting.Workers;
using Belljar.Store.Spool;
using Belljar.Workers;
using Microsoft.Extensions.Logging;

namespace Belljar.Home;

/// <summary>What the workers of one process share: settings, bus, the way to the recorder, logs; and the workers themselves.</summary>
internal sealed class BelljarProcess : IAsyncDisposable
{
    private readonly ILoggerFactory _loggers;
    private readonly SpoolingEventSink _events;
    private readonly IBus _bus;

    private BelljarProcess(
        BelljarPaths paths, SettingsSet settings, ILoggerFactory loggers, SpoolingEventSink events, BusBroker? broker, IBus bus, IReadOnlyList<WorkerDefinition> workers)
    {
        Settings = settings;
        _loggers = loggers;
        _events = events;
        _bus = bus;
        Supervisor = new WorkerSupervisor(
            WorkerCatalog.All,
            workers,
            (health, control) => new WorkerContext
            {
                Paths = paths,
                Settings = Settings,
                Clock = TimeProvider.System,
                Events = events,
                Bus = bus,
                Broker = broker,
                IngestGroup = ServiceIdentity.IngestGroup,
                Health = health,
                Workers = control,
                Loggers = loggers,
            },
            TimeProvider.System,
            bus,
            events,
            loggers);
    }

    /// <summary>The configuration in force; workers see a new one when they are started again.</summary>
    public SettingsSet Settings { get; set; }

    public WorkerSupervisor Supervisor { get; }

    public IEventSink Events => _events;

    public ILogger Logger(string category) => _loggers.CreateLogger(category);

    /// <summary>All workers in this process: the broker is here.</summary>
    public static BelljarProcess ForAll(BelljarPaths paths, SettingsSet settings)
    {
        var loggers = Loggers(paths, "belljar");
        var busSettings = settings.Get(BusSettings.Section);
        var broker = busSettings.Enabled ? new BusBroker(new QueueBounds { Messages = busSettings.QueueLength }) : null;
        IBus bus = broker is null ? new NullBus(loggers.CreateLogger<NullBus>()) : new InProcessBus(broker, "belljar", loggers.CreateLogger<InProcessBus>());
        return new BelljarProcess(paths, settings, loggers, Sink(paths, "belljar", loggers), broker, bus, [.. WorkerCatalog.All]);
    }

    /// <summary>One worker, as a service manager runs it. The bus is wherever the worker <c>bus</c> runs.</summary>
    public static BelljarProcess ForOne(BelljarPaths paths, SettingsSet settings, WorkerDefinition worker)
    {
        var loggers = Loggers(paths, worker.Name);
        var enabled = settings.Get(BusSettings.Section).Enabled;
        var broker = enabled && worker == BusWorker.Definition ? new BusBroker() : null;
        IBus bus = (enabled, broker) switch
        {
            (false, _) => new NullBus(loggers.CreateLogger<NullBus>()),
            (_, not null) => new InProcessBus(broker, worker.Name, loggers.CreateLogger<InProcessBus>()),
            _ => new UnixBus(new UnixBusOptions(paths.BusSocket, worker.Name), TimeProvider.System, loggers.CreateLogger<UnixBus>()),
        };
        return new BelljarProcess(paths, settings, loggers, Sink(paths, worker.Name, loggers), broker, bus, [worker]);
    }

    /// <summary>
    /// Stops the workers, says so while somebody still writes it down, and then stops those who wrote.
    /// </summary>
    /// <returns>Whether a worker had failed.</returns>
    public async Task<bool> StopAsync(Func<IEventSink, ValueTask> lastWords, CancellationToken ct)
    {
        return await Supervisor.StopAllAsync(WorkerCatalog.StoppedLast, () => lastWords(_events), _events.DisposeAsync, ct);
    }

    public async ValueTask DisposeAsync()
    {
        await Supervisor.DisposeAsync();
        await _events.DisposeAsync();
        await _bus.DisposeAsync();
        _loggers.Dispose();
    }

    public static ILoggerFactory Loggers(BelljarPaths paths, string name) => LoggerFactory.Create(logging =>
    {
        logging.SetMinimumLevel(LogLevel.Information);
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddProvider(new LineLoggerProvider(new RotatingFile(Path.Combine(paths.Logs, name + ".log")), TimeProvider.System, LogLevel.Information));
    });

    public static SpoolingEventSink Sink(BelljarPaths paths, string producer, ILoggerFactory loggers) => new(
        new SpoolingSinkOptions { SocketPath = paths.IngestSocket, SpoolRoot = paths.Spool, Producer = producer },
        TimeProvider.System,
        loggers.CreateLogger<SpoolingEventSink>());
}
