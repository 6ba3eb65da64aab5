using Belljar.Hosting;
using Belljar.Sandboxes;
using Belljar.Sandboxes.Isolation;

namespace Belljar.Sessions;

/// <summary>
/// The sandboxes that people make by hand: in a store of their own, so that cleaning up after sessions leaves them alone.
/// Images are the same for both.
/// </summary>
internal static class HandMadeSandboxes
{
    public static SandboxSettings Settings(BelljarPaths paths) => new()
    {
        StateFolder = Path.Combine(paths.State, "sandboxes-by-hand"),
        RunFolder = Rootless.IsEntered ? Path.Combine(paths.State, "sandboxes-by-hand", ".run") : "/run/belljar/sandboxes-by-hand",
        ImageFolder = Path.Combine(paths.State, "images"),
        EngineSocket = ProcessEnvironment.Get("DOCKER_HOST") is { } host && host.StartsWith("unix://", StringComparison.Ordinal) ? host["unix://".Length..] : "/var/run/docker.sock",
    };

    public static ISandboxBackend Open(string backend, BelljarPaths paths) => SandboxBackends.All[backend].Open(Settings(paths));

    /// <summary>Of every backend that answers here.</summary>
    public static async Task<List<ISandbox>> ListAsync(BelljarPaths paths, CancellationToken ct)
    {
        var all = new List<ISandbox>();
        foreach (var kind in SandboxBackends.All)
        {
            var backend = kind.Open(Settings(paths));
            if ((await backend.ProbeAsync(ct)).IsUsable)
            {
                all.AddRange(await backend.ListAsync(ct));
            }
        }

        return all;
    }

    /// <exception cref="OperatorException">There is none.</exception>
    public static async Task<ISandbox> FindAsync(string name, BelljarPaths paths, CancellationToken ct)
    {
        var all = await ListAsync(paths, ct);
        return all.FirstOrDefault(sandbox => sandbox.Name == name)
            ?? throw new OperatorException($"there is no sandbox '{name}'. Known: {(all.Count == 0 ? "none" : string.Join(", ", all.Select(sandbox => sandbox.Name)))}");
    }

    /// <summary>Says failures of sandboxes and engines in the command line's way.</summary>
    public static async Task<int> RunAsync(Func<Task<int>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception error) when (error is SandboxException or IOException)
        {
            throw new OperatorException(error.Message);
        }
    }
}
