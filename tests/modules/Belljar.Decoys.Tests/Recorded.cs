using System.Collections.Concurrent;
using System.Text.Json;
using Belljar.Contracts.Events;

namespace Belljar.Decoys.Tests;

/// <summary>An event sink that keeps what it is given; a test may hold it back or break it.</summary>
internal sealed class Recorded : IEventSink
{
    private readonly ConcurrentQueue<BelljarEvent> _events = new();

    /// <summary>Recording waits for this.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    public IReadOnlyList<BelljarEvent> All => [.. _events];

    public IReadOnlyList<DecoyRequest> Requests => [.. Of(EventKinds.DecoyRequest).Select(EventKinds.DecoyRequest.Read)];

    public IEnumerable<BelljarEvent> Of(EventKind kind) => _events.Where(e => e.Kind == kind.Name);

    public async ValueTask RecordAsync(BelljarEvent e, CancellationToken ct)
    {
        await Gate;

        // What cannot be written as JSON would be lost later.
        JsonSerializer.Serialize(e.Data);
        _events.Enqueue(e);
    }

    public void Post(BelljarEvent e) => _events.Enqueue(e);
}
