using Belljar.Contracts.Events;
using Belljar.Decoys.Fleet;
using Belljar.Hosting;
using Belljar.Hosting.Workers;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Belljar.Decoys.Presence;

/// <summary>
/// Brings the fleet onto the network and keeps it there: a listener that could not be bound degrades its decoy and this
/// worker, and is tried again; all the others work on.
/// </summary>
internal sealed partial class FleetPresence(
    IReadOnlyList<DecoySpec> fleet, DecoysSettings settings, WorkerContext context, ILogger<FleetPresence> logger) : BackgroundService
{
    private static readonly TimeSpan RetryPeriod = TimeSpan.FromSeconds(30);

    private readonly List<DeployedDecoy> _decoys = [.. fleet.Select(spec => new DeployedDecoy(spec, context.Clock))];
    private readonly ConnectionLimits _limits = new(settings.Connections, settings.ConnectionsPerSource);
    private readonly DecoyRecorder _recorder = new(context.Events, context.Clock, context.Loggers.CreateLogger<DecoyRecorder>());
    private readonly DecoyListFile _list = new(context.Paths);
    private readonly PeriodicTimer _retry = new(RetryPeriod, context.Clock);
    private bool _wasDegraded;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        context.Health.Count("decoys", () => _decoys.Count);
        context.Health.Count("connections_open", () => _limits.Open);
        context.Health.Count("connections_refused", () => _limits.Refused);
        context.Health.Count("events_recorded", () => _recorder.Recorded);
        context.Health.Count("events_late", () => _recorder.Late);
        await BindMissingAsync();
        await base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        var listeners = _decoys.SelectMany(decoy => decoy.Services).Select(service => service.Listener).OfType<DecoyListener>();
        await Task.WhenAll(listeners.Select(listener => listener.DisposeAsync().AsTask()));
        foreach (var decoy in _decoys)
        {
            await RecordAsync(decoy.Stopped());
        }

        _list.Delete();
    }

    public override void Dispose()
    {
        _retry.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (await _retry.WaitForNextTickAsync(stoppingToken))
        {
            if (_decoys.Exists(decoy => decoy.State is "degraded"))
            {
                await BindMissingAsync();
            }
        }
    }

    private async Task BindMissingAsync()
    {
        foreach (var decoy in _decoys)
        {
            foreach (var service in decoy.Services.Where(service => service.Listener is null))
            {
                Bind(decoy, service);
            }

            await RecordAsync(decoy.Settle());
        }

        _list.Write(_decoys);
        ReportHealth();
    }

    private void Bind(DeployedDecoy decoy, DeployedService service)
    {
        try
        {
            var socket = ListenAddress.Bind(service.Wanted);
            service.Listener = new DecoyListener(socket, decoy.Name, service.Id, service.Server, _recorder, _limits, logger);
            service.Failure = null;
            context.Health.Listening($"decoy:{service.Id}", service.Listener.Endpoint);
        }
        catch (OperatorException refused)
        {
            if (service.Failure != refused.Message)
            {
                LogRefused(decoy.Name, refused.Message);
            }

            service.Failure = refused.Message;
        }
    }

    private void ReportHealth()
    {
        if (_decoys.Find(decoy => decoy.State is "degraded") is { } degraded)
        {
            _wasDegraded = true;
            var others = _decoys.Count(decoy => decoy.State is "degraded") - 1;
            context.Health.Degraded($"decoy {degraded.Name}: {degraded.Reason}{(others > 0 ? $" (and {others} more)" : "")}");
        }
        else if (_wasDegraded)
        {
            _wasDegraded = false;
            context.Health.Recovered();
        }
    }

    private async Task RecordAsync(BelljarEvent? transition)
    {
        if (transition is not null)
        {
            await _recorder.RecordAsync(transition);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "decoy {Decoy} is degraded: {Reason}")]
    private partial void LogRefused(string decoy, string reason);
}
