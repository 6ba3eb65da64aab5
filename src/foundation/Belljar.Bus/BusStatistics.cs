namespace Belljar.Bus;

/// <summary>A snapshot of a broker's counters since it was made.</summary>
/// <param name="Published">Messages that publishers gave it.</param>
/// <param name="Delivered">Messages that subscribers took; one message counts once for each.</param>
/// <param name="Dropped">Messages that subscribers were too slow for, or that waited when they left.</param>
/// <param name="Refused">Publications in this process with a topic or an envelope that no frame can carry.</param>
/// <param name="Connections">Connections to its socket now.</param>
/// <param name="Subscriptions">Patterns held now, by subscriptions in this process and by connections.</param>
/// <param name="Subscribers">
/// By subscriber's name, also of those that left, while there are fewer than <see cref="BusBroker.MostDepartedNames"/>.
/// </param>
public sealed record BusStatistics(
    long Published,
    long Delivered,
    long Dropped,
    long Refused,
    int Connections,
    int Subscriptions,
    IReadOnlyDictionary<string, SubscriberStatistics> Subscribers);

/// <param name="Delivered">Messages that it took out of its queue; for a connection: to write them to the socket.</param>
/// <param name="Dropped">Messages that it was too slow for, or that waited when it left.</param>
/// <param name="Waiting">Messages in its queue now. All that ever matched are Delivered + Dropped + Waiting.</param>
public sealed record SubscriberStatistics(long Delivered, long Dropped, int Waiting)
{
    internal static SubscriberStatistics None { get; } = new(0, 0, 0);

    internal static SubscriberStatistics Of(DropOldestQueue queue) =>
        new(queue.Head - queue.Dropped, queue.Dropped, queue.Count);

    internal SubscriberStatistics Plus(SubscriberStatistics other) =>
        new(Delivered + other.Delivered, Dropped + other.Dropped, Waiting + other.Waiting);
}
