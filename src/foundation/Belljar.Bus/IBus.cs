using System.Threading.Channels;

namespace Belljar.Bus;

/// <summary>
/// Publish and subscribe, at most once: a doorbell. Nothing that matters may depend on a message arriving; whoever is
/// woken by one looks again at the store.
/// </summary>
public interface IBus : IAsyncDisposable
{
    /// <summary>
    /// Sends an envelope. Never throws for a bus that is away and never waits for a subscriber: what cannot be sent is
    /// dropped and counted.
    /// </summary>
    /// <param name="topic">Built by <see cref="Contracts.Topic.Of"/>.</param>
    /// <param name="envelope">A whole JSON object, at most 1 MiB; copied before this returns.</param>
    void Publish(string topic, ReadOnlySpan<byte> envelope);

    /// <summary>Completes when the broker has acknowledged: from then on matching messages arrive.</summary>
    /// <param name="pattern">A topic in which <c>*</c> stands for one token and a last <c>&gt;</c> for one or more.</param>
    /// <param name="ct">Ends the wait for the acknowledgement; an unreachable broker is waited for.</param>
    Task<ISubscription> SubscribeAsync(string pattern, CancellationToken ct);
}

/// <summary>What one subscriber receives. Its queue is bounded (default 4096): when full, the oldest message is dropped and counted.</summary>
public interface ISubscription : IAsyncDisposable
{
    string Pattern { get; }

    ChannelReader<BusMessage> Messages { get; }

    /// <summary>Messages that this subscriber was too slow for, as far as this side knows.</summary>
    long Dropped { get; }
}

/// <param name="Topic">The topic that it was published on.</param>
/// <param name="Envelope">UTF-8 JSON, as the publisher sent it.</param>
public readonly record struct BusMessage(string Topic, ReadOnlyMemory<byte> Envelope);
