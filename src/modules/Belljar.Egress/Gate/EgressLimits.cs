using Belljar.Protocols.Http1;

namespace Belljar.Egress.Gate;

/// <summary>Bounds of a gate. Times run on the gate's clock and are checked once a second.</summary>
public sealed record EgressLimits
{
    public static readonly EgressLimits Default = new();

    /// <summary>Connections from inside at a time; one more is answered 503.</summary>
    public int Connections { get; init; } = 1000;

    public Http1Limits Http { get; init; } = Http1Limits.Default;

    /// <summary>From the first byte of a request's head to its last; also for a tunnel's ClientHello, and to let a refused client read its answer.</summary>
    public TimeSpan Head { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Between requests on a kept connection.</summary>
    public TimeSpan BetweenRequests { get; init; } = TimeSpan.FromSeconds(75);

    /// <summary>Resolving and connecting, for all of a name's addresses together.</summary>
    public TimeSpan Connect { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Without a byte in either direction while a request or answer is under way. A model thinks for minutes.</summary>
    public TimeSpan Exchange { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Without a byte in either direction through a tunnel.</summary>
    public TimeSpan Tunnel { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Without a byte in either direction through a door: pools keep their connections to databases for long.</summary>
    public TimeSpan Forward { get; init; } = TimeSpan.FromHours(2);

    /// <summary>Certificates that are kept for hosts inside tunnels; a further one makes the oldest go.</summary>
    public int Leaves { get; init; } = 1000;

    /// <summary>How long exchanges under way may go on when the gate stops.</summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(5);
}
