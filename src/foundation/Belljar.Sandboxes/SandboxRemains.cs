namespace Belljar.Sandboxes;

/// <summary>Something of a sandbox that a crash or a failed teardown has left.</summary>
/// <param name="Sandbox">Its name.</param>
/// <param name="What">For the operator.</param>
/// <param name="Command">What removes it by hand.</param>
public sealed record SandboxRemains(string Sandbox, string What, string Command)
{
    internal Func<CancellationToken, Task> Remove { get; init; } = _ => Task.CompletedTask;

    /// <exception cref="SandboxException">It still cannot be removed: with the reason.</exception>
    public Task RemoveAsync(CancellationToken ct) => Remove(ct);
}
