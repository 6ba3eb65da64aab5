using System.Net.Sockets;

namespace Belljar.Sandboxes;

/// <summary>Where a sandbox stands.</summary>
public enum SandboxState
{
    /// <summary>Its files exist, nothing runs, it has no namespaces.</summary>
    Stopped,

    /// <summary>Its namespaces exist and hold a first process that does nothing; commands may run.</summary>
    Running,

    /// <summary>Frozen with its memory.</summary>
    Paused,
}

/// <summary>What a running sandbox uses at this moment; null where the machine does not tell.</summary>
/// <param name="CpuTime">Since it started.</param>
public sealed record SandboxStats(long? MemoryBytes, int? Processes, TimeSpan? CpuTime);

/// <summary>An isolated environment on this machine. What comes out of it is hostile.</summary>
public interface ISandbox
{
    string Name { get; }

    /// <summary>The catalogue's name of the backend that made it.</summary>
    string Backend { get; }

    DateTimeOffset CreatedAt { get; }

    SandboxUser User { get; }

    /// <summary>What the backend could not do on this machine, one sentence each, for the operator.</summary>
    IReadOnlyList<string> Warnings { get; }

    Task<SandboxState> GetStateAsync(CancellationToken ct);

    /// <summary>Makes the namespaces; nothing but an idle first process runs in them.</summary>
    Task StartAsync(CancellationToken ct);

    /// <summary>Ends everything inside at once. Files stay. Of a stopped one: nothing.</summary>
    Task StopAsync(CancellationToken ct);

    Task PauseAsync(CancellationToken ct);

    Task ResumeAsync(CancellationToken ct);

    /// <summary>Stops and removes all: files, mounts, control groups, state, snapshots. Of one that is gone: nothing.</summary>
    /// <exception cref="SandboxRemainsException">Something could not be removed: with what is left, and what removes it.</exception>
    Task DeleteAsync(CancellationToken ct);

    /// <summary>Starts a command in the running sandbox.</summary>
    /// <exception cref="SandboxException">The sandbox does not run.</exception>
    Task<IExecution> ExecAsync(ExecSpec exec, CancellationToken ct);

    /// <summary>
    /// Puts a file in its place in one step, with mode, owner and time; makes the folders above it; follows links inside
    /// the sandbox only. Works on a stopped sandbox too.
    /// </summary>
    /// <param name="path">Absolute, of the inside.</param>
    Task WriteFileAsync(string path, ReadOnlyMemory<byte> content, SandboxFileAttributes attributes, CancellationToken ct);

    /// <param name="most">Longer files are not read.</param>
    Task<SandboxRead> ReadFileAsync(string path, int most, CancellationToken ct);

    /// <summary>Copies a folder of the host, links as links, to a path of the inside.</summary>
    /// <param name="owner">Null: the sandbox's own user.</param>
    Task<SandboxCopy> CopyInAsync(string hostFolder, string path, SandboxUser? owner, CancellationToken ct);

    /// <summary>Copies a folder of the inside to a new folder of the host; nothing is executed or followed on the way.</summary>
    /// <param name="mostBytes">Beyond this the copy fails.</param>
    /// <exception cref="SandboxException">There is no such folder inside, or it is larger than allowed.</exception>
    Task<SandboxCopy> CopyOutAsync(string path, string hostFolder, long mostBytes, CancellationToken ct);

    /// <summary>A socket that listens on 127.0.0.1 inside the running sandbox and is served by whoever holds it outside.</summary>
    Task<Socket> ListenAsync(int port, CancellationToken ct);

    Task<SandboxStats> GetStatsAsync(CancellationToken ct);

    /// <summary>Keeps a copy of the files, but for what is in a tmpfs; a running sandbox is paused meanwhile.</summary>
    /// <param name="snapshot">A name like a sandbox's.</param>
    Task SnapshotAsync(string snapshot, CancellationToken ct);

    /// <summary>Puts the files back as they were. The sandbox must be stopped.</summary>
    Task RestoreAsync(string snapshot, CancellationToken ct);

    Task<IReadOnlyList<string>> ListSnapshotsAsync(CancellationToken ct);
}
