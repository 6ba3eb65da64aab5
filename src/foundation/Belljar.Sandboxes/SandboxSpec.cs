using System.Collections.Frozen;

namespace Belljar.Sandboxes;

/// <summary>Whom a sandbox is for, which decides capabilities and what a process inside may gain.</summary>
public enum SandboxProfile
{
    /// <summary>No new privileges; the few capabilities that package managers need, for root inside only.</summary>
    Agent,

    /// <summary>What sshd and a believable host need; setuid programs work inside the user namespace.</summary>
    Decoy,
}

/// <summary>What network a sandbox has.</summary>
public abstract record SandboxNetwork
{
    private SandboxNetwork()
    {
    }

    /// <summary>A namespace of its own with nothing but loopback.</summary>
    public static SandboxNetwork None { get; } = new Empty();

    /// <summary>An existing network namespace, by path: <c>/run/netns/NAME</c>.</summary>
    public static SandboxNetwork Join(string path) => new Joined(path);

    public sealed record Empty : SandboxNetwork;

    public sealed record Joined(string Path) : SandboxNetwork;
}

/// <summary>The files that a sandbox starts from. They are never changed: writes go to the sandbox's own layer.</summary>
public abstract record SandboxRootfs
{
    private SandboxRootfs()
    {
    }

    /// <summary>The host's own <c>/usr</c> with a synthesised <c>/etc</c>, and no other file of the host.</summary>
    public static SandboxRootfs Host { get; } = new HostUsr();

    /// <summary>A folder that holds a whole root file system, owners as inside (root is 0).</summary>
    public static SandboxRootfs Directory(string path) => new Folder(path);

    /// <summary>One that <c>belljar image</c> built or imported, by name.</summary>
    public static SandboxRootfs Image(string name) => new Stored(name);

    public sealed record HostUsr : SandboxRootfs;

    public sealed record Folder(string Path) : SandboxRootfs;

    public sealed record Stored(string Name) : SandboxRootfs;
}

/// <summary>A user inside a sandbox, by numbers of the inside.</summary>
public sealed record SandboxUser(string Name, int Uid, int Gid, string Home)
{
    public static readonly SandboxUser Root = new("root", 0, 0, "/root");

    public static readonly SandboxUser Agent = new("agent", 1000, 1000, "/home/agent");
}

/// <summary>What a sandbox may use. Null: as much as the machine has.</summary>
/// <param name="MemoryBytes">Memory and swap together; tmpfs inside counts.</param>
/// <param name="Cpus">Processors' worth of time; 1.5 is one and a half.</param>
/// <param name="Processes">Processes and threads.</param>
/// <param name="DiskBytes">What it may write to its files, but for what is in a tmpfs; at least 16 MB.</param>
public sealed record SandboxLimits(
    long? MemoryBytes = null, double? Cpus = null, int? Processes = SandboxLimits.DefaultProcesses, long? DiskBytes = null)
{
    public const int DefaultProcesses = 4096;
}

/// <summary>A folder or file of the host that is shown inside, with owners shifted as the sandbox's own: uid 1000 is uid 1000 on both sides.</summary>
public sealed record SandboxMount(string HostPath, string Path, bool ReadOnly);

/// <summary>What to make. The environment is kept in memory only.</summary>
public sealed record SandboxSpec
{
    /// <summary>Names it on this machine: lower-case letters, digits and hyphens, at most 70.</summary>
    public required string Name { get; init; }

    public SandboxRootfs Rootfs { get; init; } = SandboxRootfs.Host;

    public SandboxNetwork Network { get; init; } = SandboxNetwork.None;

    public SandboxProfile Profile { get; init; } = SandboxProfile.Agent;

    /// <summary>Reaches every process that is started inside; an <see cref="ExecSpec"/> adds to it and wins over it.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = FrozenDictionary<string, string>.Empty;

    public string Hostname { get; init; } = "sandbox";

    public SandboxLimits Limits { get; init; } = new();

    public IReadOnlyList<SandboxMount> Mounts { get; init; } = [];

    /// <summary>Whose home is made, and as whom a command runs that names no user.</summary>
    public SandboxUser User { get; init; } = SandboxUser.Agent;
}
