namespace Belljar.Bus.UnixSocket;

/// <summary>How <see cref="BusSocketServer"/> serves a broker.</summary>
/// <param name="Path">Of the socket, at most 107 bytes. Beside it a file <c>PATH.lock</c> is kept.</param>
public sealed record BusSocketOptions(string Path)
{
    /// <summary>The group that owns the socket; null leaves it to the process's own. Group and mode are the authorization.</summary>
    public uint? Group { get; init; }

    /// <summary>0660.</summary>
    public UnixFileMode Mode { get; init; } =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    /// <summary>One more is accepted and closed at once.</summary>
    public int MostConnections { get; init; } = 512;

    /// <summary>Patterns of one connection; one more and it is dropped.</summary>
    public int MostSubscriptions { get; init; } = 1024;

    /// <summary>How long subscribers may take to read what waits for them when the server stops.</summary>
    public TimeSpan StopGrace { get; init; } = TimeSpan.FromSeconds(2);
}
