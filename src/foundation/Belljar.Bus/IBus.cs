using System.Threading.Channels;

namespace Belljar.Bus;

/// <summary>
/// Publish and subscribe, at most once: a doorbell. Nothing that matters may depend on a message arriving; whoever is
/// woken by one looks again at the store.
/// </summary>
public interface IBus : IAsyncDisposable
{
    /// <summary>
    /// Sends an envelope. Never throws and never waits, neither for a bus that is away nor for a subscriber: what cannot
    /// be sent is dropped and counted. So is what no frame can carry, because a name in it came from outside: an
    /// envelope longer than 1 MiB, a topic longer than <see cref="Contracts.Topic.LongestTopic"/>.
    /// </summary>
    /// <param name="topic">Built by <see cref="Contracts.Topic.Of"/>.</param>
    /// <param name="envelope">A whole JSON object, at most 1 MiB; copied before this returns.</param>
    void Publish(string topic, ReadOnlySpan<byte> envelope);

    /// <summary>
    /// Completes when the broker has acknowledged: from then on matching messages arrive. Two subscriptions that match
    /// one message each get it, also where they hold the same pattern.
    /// </summary>
    /// <param name="pattern">A topic in which <c>*</c> stands for one token and a last <c>&gt;</c> for one or more.</param>
    /// <param name="ct">Ends the wait for the acknowledgement; an unreachable broker is waited for.</param>
    /// <exception cref="ArgumentException">The pattern is none.</exception>
    /// <exception cref="ObjectDisposedException">This bus was disposed, before or meanwhile.</exception>
    Task<ISubscription> SubscribeAsync(string pattern, CancellationToken ct);
}

/// <summary>
/// What one subscriber receives. Its queue is bounded (see <see cref="QueueBounds"/>): when full, the oldest message is
/// dropped and counted. Disposing it ends <see cref="Messages"/> and discards what waits there.
/// </summary>
public interface ISubscription : IAsyncDisposable
{
    string Pattern { get; }

    ChannelReader<BusMessage> Messages { get; }

    /// <summary>Messages that this subscriber was too slow for, as far as this side knows.</summary>
    long Dropped { get; }
}

/// <param name="Topic">The topic that it was published on.</param>
/// <param name="Envelope">UTF-8 JSON, as the publisher sent it; shared between subscribers, so never write to it.</param>
public readonly record struct BusMessage(string Topic, ReadOnlyMemory<byte> Envelope);
