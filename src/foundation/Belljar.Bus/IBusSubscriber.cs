namespace Belljar.Bus;

/// <summary>Whoever the broker hands messages to: a subscription in this process, or a connection.</summary>
internal interface IBusSubscriber
{
    /// <summary>Under which it is counted; several subscribers may share one.</summary>
    string Name { get; }

    /// <summary>A connection gets a message once, however many of its patterns match.</summary>
    bool HasManyPatterns { get; }

    SubscriberStatistics Statistics { get; }

    /// <summary>Called by publishers on their own threads: must neither wait nor throw.</summary>
    void Deliver(in BusMessage message);
}
