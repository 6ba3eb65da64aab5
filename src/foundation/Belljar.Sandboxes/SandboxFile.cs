namespace Belljar.Sandboxes;

/// <summary>How a file inside a sandbox is to look.</summary>
/// <param name="Mode">Permission bits.</param>
/// <param name="Owner">Null: the sandbox's own user. Folders that have to be made on the way belong to the same.</param>
/// <param name="ModifiedAt">Null: now.</param>
public sealed record SandboxFileAttributes(UnixFileMode Mode, SandboxUser? Owner = null, DateTimeOffset? ModifiedAt = null)
{
    public static readonly SandboxFileAttributes Default = new((UnixFileMode)0b110_100_100);
}

/// <summary>What reading a file inside gave.</summary>
public enum SandboxReadStatus
{
    Found,
    Missing,

    /// <summary>A folder, a socket, a pipe, a device.</summary>
    NotAFile,

    /// <summary>Longer than the caller wanted to read.</summary>
    TooLarge,
}

/// <param name="Content">Empty unless it was found.</param>
/// <param name="Uid">Number of the inside.</param>
public sealed record SandboxRead(
    SandboxReadStatus Status, ReadOnlyMemory<byte> Content, UnixFileMode Mode, int Uid, int Gid, DateTimeOffset ModifiedAt)
{
    internal static SandboxRead Without(SandboxReadStatus status) => new(status, default, default, 0, 0, default);
}

/// <summary>What a copied tree held.</summary>
/// <param name="Skipped">Sockets, pipes and devices, which are not copied.</param>
public sealed record SandboxCopy(int Files, int Folders, int Links, int Skipped, long Bytes);
