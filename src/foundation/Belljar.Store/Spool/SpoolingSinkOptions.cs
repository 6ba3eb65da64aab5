namespace Belljar.Store.Spool;

/// <summary>How a producer hands its events in.</summary>
public sealed record SpoolingSinkOptions
{
    /// <summary>The recorder's <c>ingest.sock</c>.</summary>
    public required string SocketPath { get; init; }

    /// <summary>
    /// The folder of all spools (<c>state/spool</c>), made when it is needed. Each living producer has a folder of its own
    /// in it, with a lock; those of dead ones are replayed by the next producer of the same user, or by the recorder.
    /// </summary>
    public required string SpoolRoot { get; init; }

    /// <summary>Who this is, for people who look into the spool: <c>mail</c>, <c>gate-dev-abcde</c>. <c>[A-Za-z0-9_-]+</c>.</summary>
    public required string Producer { get; init; }

    /// <summary>No answer for so long means that the recorder is away.</summary>
    public TimeSpan AckDeadline { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The pause after a first failed connect; doubled until <see cref="LongestBackoff"/>.</summary>
    public TimeSpan FirstBackoff { get; init; } = TimeSpan.FromMilliseconds(100);

    public TimeSpan LongestBackoff { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Beyond it the oldest file of the spool is given up, counted and logged.</summary>
    public long MaxSpoolBytes { get; init; } = 256L * 1024 * 1024;

    /// <summary>A spool file is closed at this size: what is given up, or replayed, at once.</summary>
    public long SpoolFileBytes { get; init; } = 4L * 1024 * 1024;

    /// <summary>
    /// Events waiting to be sent. When full, <c>RecordAsync</c> waits and <c>Post</c> drops. (An event has at most 64 KiB.)
    /// </summary>
    public int QueueCapacity { get; init; } = 1024;
}
