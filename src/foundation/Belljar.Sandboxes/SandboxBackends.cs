using Belljar.Contracts;
using Belljar.Sandboxes.Docker;
using Belljar.Sandboxes.Oci;

namespace Belljar.Sandboxes;

/// <summary>Where sandboxes are kept, and by which runtime they are made.</summary>
public sealed record SandboxSettings
{
    /// <summary>Files of sandboxes, one folder each; survives a restart of the machine. On a disk that allows programs.</summary>
    public required string StateFolder { get; init; }

    /// <summary>What lives as long as the machine is up. Others must be able to pass through it (0711), as <c>/run/belljar</c>.</summary>
    public string RunFolder { get; init; } = "/run/belljar/sandboxes";

    /// <summary>The OCI runtime: a name on the system's path, or a path.</summary>
    public string Runtime { get; init; } = "runc";

    /// <summary>The Docker engine's Unix socket (or Podman's).</summary>
    public string EngineSocket { get; init; } = "/var/run/docker.sock";

    /// <summary>The engine's runtime for its sandboxes, <c>runsc</c> for instance; null: its default.</summary>
    public string? EngineRuntime { get; init; }

    /// <summary>Root file systems that were built or imported. Null: <c>.images</c> below the state folder.</summary>
    public string? ImageFolder { get; init; }

    /// <summary>False: containers of this machine are reached through the engine alone, as for a caller who is not root.</summary>
    internal bool EnterContainers { get; init; } = true;

    public TimeProvider Clock { get; init; } = TimeProvider.System;
}

/// <summary>What not every kind of backend can do. A call for what it cannot is refused with the name of one that can.</summary>
[Flags]
public enum SandboxFeatures
{
    None = 0,

    /// <summary><see cref="SandboxNetwork.Join"/>.</summary>
    JoinNetwork = 1,

    /// <summary><see cref="ExecSpec.Descriptors"/>.</summary>
    PassDescriptors = 2,
}

/// <summary>One kind of backend, as it stands in the catalogue.</summary>
/// <param name="Open">Makes the backend; nothing is touched before its first call.</param>
public sealed record SandboxBackendKind(string Name, string Summary, SandboxFeatures Features, Func<SandboxSettings, ISandboxBackend> Open) : INamed;

/// <summary>The ways to make sandboxes, in the order in which they are tried when none is named.</summary>
public static class SandboxBackends
{
    public static readonly Registry<SandboxBackendKind> All = new(
        "sandbox backend",
        new SandboxBackendKind(
            OciBackend.BackendName, OciBackend.BackendSummary, SandboxFeatures.JoinNetwork | SandboxFeatures.PassDescriptors, settings => new OciBackend(settings)),
        new SandboxBackendKind(DockerBackend.BackendName, DockerBackend.BackendSummary, SandboxFeatures.None, settings => new DockerBackend(settings)));
}
