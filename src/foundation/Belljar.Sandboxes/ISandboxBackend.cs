using Belljar.Contracts;

namespace Belljar.Sandboxes;

/// <summary>Whether a backend can be used here.</summary>
/// <param name="Problem">Null when it can; else why not and what to install or change.</param>
/// <param name="Version">Of the runtime or engine, where it told.</param>
/// <param name="Warnings">What will not be in force on this machine.</param>
public sealed record SandboxProbe(string? Problem, string? Version, IReadOnlyList<string> Warnings)
{
    public bool IsUsable => Problem is null;
}

/// <summary>A way to make sandboxes: mechanism, no policy.</summary>
public interface ISandboxBackend : INamed
{
    string Summary { get; }

    Task<SandboxProbe> ProbeAsync(CancellationToken ct);

    /// <summary>Prepares the files of a new sandbox; it is stopped until it is started.</summary>
    /// <exception cref="SandboxException">There is one of this name, or a path of the spec is missing.</exception>
    Task<ISandbox> CreateAsync(SandboxSpec spec, CancellationToken ct);

    /// <summary>All sandboxes of this backend, also those whose owner is gone. Their environment is not known any more.</summary>
    Task<IReadOnlyList<ISandbox>> ListAsync(CancellationToken ct);

    /// <summary>What crashes and failed teardowns have left in this store and no sandbox has any more.</summary>
    Task<IReadOnlyList<SandboxRemains>> FindRemainsAsync(CancellationToken ct);

    /// <returns>Null when there is none of this name.</returns>
    async Task<ISandbox?> FindAsync(string name, CancellationToken ct) =>
        (await ListAsync(ct)).FirstOrDefault(sandbox => sandbox.Name == name);
}
