using Belljar.Bus;
using Belljar.Contracts.Events;
using Belljar.Hosting.Settings;
using Microsoft.Extensions.Logging;

namespace Belljar.Hosting.Workers;

/// <summary>What every worker is given.</summary>
public sealed record WorkerContext
{
    public required BelljarPaths Paths { get; init; }

    public required SettingsSet Settings { get; init; }

    public required TimeProvider Clock { get; init; }

    public required IEventSink Events { get; init; }

    public required IBus Bus { get; init; }

    /// <summary>This process's broker; null where the bus lives in another process.</summary>
    public BusBroker? Broker { get; init; }

    /// <summary>The group whose members may hand in events (gates, when root started them); null where one user is everybody.</summary>
    public int? IngestGroup { get; init; }

    public required WorkerHealthReporter Health { get; init; }

    public required IWorkerControl Workers { get; init; }

    public required ILoggerFactory Loggers { get; init; }
}
