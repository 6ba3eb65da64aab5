using System.IO.Pipes;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;
using Belljar.Sandboxes.Isolation;
using Belljar.Sandboxes.Native;
using Belljar.Sandboxes.Processes;

namespace Belljar.Sandboxes.Oci;

/// <summary>
/// Starts a command through the runtime. The process object, with the values of the environment, goes through a pipe that
/// the runtime reads once: no file and no argument list ever holds it.
/// </summary>
internal static class OciExec
{
    /// <param name="joinsNetwork">The network is not the sandbox's own: see <see cref="OciConfig"/>.</param>
    public static async Task<IExecution> StartAsync(
        OciRuntime runtime, OciPaths paths, InitProcess init, bool joinsNetwork, ExecSpec exec, JsonObject process, TimeProvider clock, CancellationToken ct)
    {
        var logDescriptor = OciRuntime.FirstDescriptor + exec.Descriptors.Count;
        var processDescriptor = logDescriptor + 1;
        var pidFile = Path.Combine(paths.Running, $"{Guid.NewGuid():N}.pid");
        await using var pipe = new AnonymousPipeServerStream(PipeDirection.Out, HandleInheritability.None);
        var terminal = exec.Terminal is { } size ? PseudoTerminal.Open(size) : null;
        var streams = new ChildSpec
        {
            Input = exec.Input,
            Output = exec.Output,
            Error = exec.Error,
            Terminal = terminal,
            Descriptors = Descriptors(exec, pipe, processDescriptor),
        };
        string[] arguments =
        [
            "exec",
            "--process", $"/proc/self/fd/{processDescriptor}",
            "--pid-file", pidFile,
            "--preserve-fds", exec.Descriptors.Count.ToString(),
            Path.GetFileName(paths.Folder),
        ];
        try
        {
            var call = joinsNetwork
                ? await Namespaces.WithNetworkAsync(init.NetworkNamespace, () => runtime.Start(arguments, streams, logDescriptor))
                : runtime.Start(arguments, streams, logDescriptor);
            pipe.DisposeLocalCopyOfClientHandle();
            var execution = new OciExecution(call, init, exec, terminal, pidFile, clock);
            await SendAsync(pipe, process, ct);
            return execution;
        }
        catch
        {
            terminal?.Dispose();
            throw;
        }
    }

    private static Dictionary<int, SafeHandle> Descriptors(ExecSpec exec, AnonymousPipeServerStream pipe, int processDescriptor)
    {
        var descriptors = new Dictionary<int, SafeHandle> { [processDescriptor] = pipe.ClientSafePipeHandle };
        for (var i = 0; i < exec.Descriptors.Count; i++)
        {
            descriptors[OciRuntime.FirstDescriptor + i] = exec.Descriptors[i];
        }

        return descriptors;
    }

    private static async Task SendAsync(Stream pipe, JsonObject process, CancellationToken ct)
    {
        try
        {
            await pipe.WriteAsync(Encoding.UTF8.GetBytes(process.ToJsonString()), ct);
        }
        catch (IOException)
        {
            // The runtime gave up before it read: its exit code and log say why.
        }
    }
}
