using Belljar.Sandboxes.Isolation;

namespace Belljar.Sandboxes.Oci;

/// <summary>Where the parts of one sandbox are.</summary>
internal sealed class OciPaths(SandboxSettings settings, string name)
{
    public const string InitInside = "/.init";

    private static readonly string[] Stages = ["/mnt", "/media", "/srv", "/opt"];

    public string Folder { get; } = Path.Combine(settings.StateFolder, name);

    public string Record => Path.Combine(Folder, "sandbox.json");

    /// <summary>The bundle's folder: holds config.json.</summary>
    public string Bundle => Folder;

    /// <summary>There from the moment that the sandbox is being removed until nothing is left; beside its folder, whose content goes in any order.</summary>
    public string DeletionMark => Path.Combine(settings.StateFolder, ".deleting", name);

    /// <summary>There while somebody makes the sandbox.</summary>
    public string MakingMark => Path.Combine(settings.StateFolder, ".making", name);

    public string Snapshots => Path.Combine(Folder, "snapshots");

    public string Config => Path.Combine(Folder, "config.json");

    /// <summary>The writable layers; in the sandbox's disk, where that is limited.</summary>
    public string Layers => Path.Combine(Folder, "layers");

    /// <summary>One writable layer: <c>root</c>, <c>usr</c>.</summary>
    public string Layer(string layer, string part) => Path.Combine(Layers, layer, part);

    public string Disk => Path.Combine(Folder, "disk");

    /// <summary>Runtime state of what runs now.</summary>
    public string Running => Path.Combine(settings.RunFolder, "state", name);

    /// <summary>Where the runtime writes the number of the first process.</summary>
    public string InitPid => Path.Combine(Running, "init.pid");

    /// <summary>There while every process is stopped by a signal.</summary>
    public string Paused => Path.Combine(Running, "paused");

    public string InitRecord => Path.Combine(Running, "init.json");

    /// <summary>The runtime's own state (its --root).</summary>
    public string RuntimeRoot => Path.Combine(settings.RunFolder, "runtime");

    /// <summary>
    /// An empty folder that every sandbox mounts its root on, each in its own mount namespace. It lies where the sandbox's
    /// user numbers can reach it.
    /// </summary>
    /// <remarks>
    /// A user's own run folder is closed to those numbers: then it is a folder of the root that holds nothing of belljar's.
    /// </remarks>
    public string MountPoint { get; } = Rootless.IsEntered
        ? Stages.First(stage => Directory.Exists(stage) && !settings.StateFolder.StartsWith(stage + "/", StringComparison.Ordinal))
        : Path.Combine(settings.RunFolder, "root");

    /// <summary>One link for each claimed range of user numbers.</summary>
    public string SubIds => Path.Combine(settings.StateFolder, ".ids");

    public string Init => Path.Combine(settings.StateFolder, ".init");

    public string UserNamespace => Path.Combine(settings.StateFolder, ".userns");
}
