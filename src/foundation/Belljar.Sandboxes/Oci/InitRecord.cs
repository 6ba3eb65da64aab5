using System.Text.Json;
using Belljar.Sandboxes.Isolation;

namespace Belljar.Sandboxes.Oci;

/// <summary>The first process as it is written down for later callers.</summary>
internal static class InitRecord
{
    /// <returns>Null when the sandbox does not run.</returns>
    public static InitProcess? Running(OciPaths paths)
    {
        try
        {
            var init = JsonSerializer.Deserialize(File.ReadAllBytes(paths.InitRecord), OciJson.Default.InitProcess);
            return init is { IsAlive: true } ? init : null;
        }
        catch (Exception error) when (error is IOException or JsonException)
        {
            return null; // Never started, being stopped, or a crash came while it was written.
        }
    }

    public static InitProcess Save(OciPaths paths)
    {
        var pid = int.Parse(File.ReadAllText(paths.InitPid));
        var init = InitProcess.Of(pid) ?? throw new SandboxException("The sandbox ended right after its start.");
        File.WriteAllBytes(paths.InitRecord, JsonSerializer.SerializeToUtf8Bytes(init, OciJson.Default.InitProcess));
        return init;
    }
}
