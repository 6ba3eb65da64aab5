namespace Belljar.Store.Ingest;

/// <summary>How the recorder takes events in.</summary>
public sealed record IngestOptions
{
    private const UnixFileMode OwnerAndGroup =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    /// <summary>Where <c>ingest.sock</c> is made; at most 107 bytes. Its folder must exist.</summary>
    public required string SocketPath { get; init; }

    /// <summary>This machine's name, for events that do not say one.</summary>
    public required string Host { get; init; }

    /// <summary>0660: the file's mode is the authorization.</summary>
    public UnixFileMode SocketMode { get; init; } = OwnerAndGroup;

    /// <summary>The group of the socket file, by number; null leaves the process's own.</summary>
    public int? SocketGroup { get; init; }

    public IReadOnlyList<IngestRule> Rules { get; init; } = [IngestRule.Gates];

    /// <summary>Beyond it, a new connection is closed at once; its producer spools and tries again.</summary>
    public int MaxConnections { get; init; } = 128;

    /// <summary>Batches waiting for the writer. When full, connections are not read from: producers wait.</summary>
    public int MaxWaitingBatches { get; init; } = 16;

    /// <summary>Batches of one connection that are not answered yet. Beyond it, it is not read from.</summary>
    public int MaxUnanswered { get; init; } = 8;

    /// <summary>A transaction takes further batches until it holds this many events.</summary>
    public int MaxEventsPerTransaction { get; init; } = 8192;
}
