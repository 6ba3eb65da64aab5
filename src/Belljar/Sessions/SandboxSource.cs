using Belljar.Hosting;
using Belljar.Sandboxes;

namespace Belljar.Sessions;

/// <summary>Where this home's sandboxes are made.</summary>
internal static class SandboxSource
{
    public static ISandboxBackend Open(BelljarPaths paths) => SandboxBackends.All["oci"].Open(new SandboxSettings
    {
        StateFolder = Path.Combine(paths.State, "sandboxes"),
    });
}
