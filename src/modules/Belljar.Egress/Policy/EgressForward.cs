namespace Belljar.Egress.Policy;

/// <summary>
/// A named TCP door: what connects to the port inside reaches that one place, as it is. A database or a model of the
/// operator's has no HTTP to look into, so only the place is judged, and the volume.
/// </summary>
/// <param name="Listen">The port on loopback inside; its name everywhere.</param>
/// <param name="Host">A name or an IP address in its usual spelling without brackets; lower case.</param>
public sealed record EgressForward(int Listen, string Host, int Port)
{
    /// <summary>Addresses and networks that the host may resolve to although they are not public.</summary>
    public IReadOnlyList<string> SsrfIpAllowlist { get; init; } = [];

    /// <summary>What the session may send through it in all, in bytes; null: no limit.</summary>
    public long? Budget { get; init; }

    /// <summary><c>db.example:5432</c>.</summary>
    public string To => Host.Contains(':') ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
}
