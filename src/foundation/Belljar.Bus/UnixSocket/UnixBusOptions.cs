namespace Belljar.Bus.UnixSocket;

/// <summary>How <see cref="UnixBus"/> reaches the broker.</summary>
/// <param name="Path">Of the broker's socket.</param>
/// <param name="Client">Under which the broker counts it: the worker's name; a topic of at most 64 characters.</param>
public sealed record UnixBusOptions(string Path, string Client)
{
    /// <summary>Of what waits to be sent, and of each subscription's queue.</summary>
    public QueueBounds Bounds { get; init; } = new();

    /// <summary>The wait after a first failure; each further one waits twice as long.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromMilliseconds(100);

    public TimeSpan LongestDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long disposing may take to send what waits, where the broker is there.</summary>
    public TimeSpan StopGrace { get; init; } = TimeSpan.FromSeconds(2);
}
