using System.Collections.Concurrent;
using System.Text.Json;
using Belljar.Contracts;
using Belljar.Hosting.Workers;
using Microsoft.Extensions.Hosting;

namespace Belljar.Control;

/// <summary>
/// Knows how every worker is: those of this process directly, the others by their heartbeats. Three missed beats make a
/// worker unknown.
/// </summary>
internal sealed class HealthBoard(WorkerContext context) : BackgroundService
{
    private static readonly TimeSpan UnknownAfter = 3 * WorkerSupervisor.HeartbeatPeriod;

    private readonly ConcurrentDictionary<string, (WorkerHealth Health, DateTimeOffset Heard)> _heard = new();

    public IReadOnlyList<WorkerHealth> Workers()
    {
        var here = context.Workers.Snapshot();
        var now = context.Clock.GetUtcNow();
        var elsewhere = _heard.Values
            .Where(beat => here.All(local => local.Name != beat.Health.Name))
            .Select(beat => now - beat.Heard > UnknownAfter ? beat.Health with { State = WorkerState.Unknown } : beat.Health);
        var order = WorkerCatalog.All.Names.ToList();
        return [.. here.Concat(elsewhere).OrderBy(worker => order.IndexOf(worker.Name))];
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using var beats = await context.Bus.SubscribeAsync("system.*.health", stoppingToken);
        await foreach (var beat in beats.Messages.ReadAllAsync(stoppingToken))
        {
            if (Read(beat.Envelope.Span) is { } health)
            {
                _heard[health.Name] = (health, context.Clock.GetUtcNow());
            }
        }
    }

    private static WorkerHealth? Read(ReadOnlySpan<byte> envelope)
    {
        try
        {
            return BusEnvelope.Read(envelope)?.Data.Deserialize(ContractsJson.Default.WorkerHealth);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
