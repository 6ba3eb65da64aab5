using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;
using Belljar.Sandboxes.Isolation;
using Belljar.Sandboxes.Processes;
using Belljar.Sandboxes.Tiny;

namespace Belljar.Sandboxes.Docker;

/// <summary>
/// Starts a command through the engine. Engines write a command's arguments and environment into files of the host, so it
/// is told to run <see cref="Launcher"/> alone, which gets both on the connection.
/// </summary>
internal static class DockerExec
{
    private const int MostWords = 4096;

    public static async Task<IExecution> StartAsync(
        DockerContainer container, InitProcess? init, ExecSpec exec, SandboxUser user, IReadOnlyDictionary<string, string> environment, TimeProvider clock, CancellationToken ct)
    {
        if (exec.Descriptors.Count > 0)
        {
            throw new SandboxException("The docker backend cannot hand descriptors to a command: use the oci backend for that.");
        }

        var message = Message(exec, user, environment);
        var id = await CreateAsync(container, exec, user, ct);
        var start = new JsonObject { ["Detach"] = false, ["Tty"] = exec.Terminal is not null };
        var stream = await EngineStream.OpenAsync(container.Engine.SocketPath, $"/exec/{id}/start", start, framed: exec.Terminal is null, ct);
        try
        {
            var letters = await ReadLettersAsync(stream, ct);
            if (Launcher.ProcessNumber(letters) is not { } pid || letters.Length != Launcher.ReadyLength)
            {
                throw new SandboxException($"The engine did not start a command: {await WordsAsync(stream, letters, ct)}");
            }

            if (exec.Terminal is { } size)
            {
                await ResizeAsync(container, id, size, ct); // Before the command looks.
            }

            await stream.WriteAsync(message, ct);
            return new DockerExecution(container, init, id, pid, stream, exec, clock);
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    public static Task ResizeAsync(DockerContainer container, string id, TerminalSize size, CancellationToken ct) =>
        container.Engine.PostAsync($"/exec/{id}/resize?h={size.Rows}&w={size.Columns}", (JsonObject?)null, ct);

    private static byte[] Message(ExecSpec exec, SandboxUser user, IReadOnlyDictionary<string, string> ofSandbox)
    {
        var environment = ExecEnvironment.Of(exec, user, ofSandbox);
        return Launcher.Message(
            exec.Command,
            environment,
            Launcher.Candidates(exec.Command[0], ExecEnvironment.PathOf(environment)),
            exec.WorkingDirectory ?? user.Home);
    }

    private static async Task<string> CreateAsync(DockerContainer container, ExecSpec exec, SandboxUser user, CancellationToken ct)
    {
        var command = new JsonArray(ContainerConfig.LauncherInside);
        if (exec.Terminal is not null)
        {
            command.Add((JsonNode)"-");
        }

        var answer = await container.Engine.PostAsync(
            $"{container.Path}/exec",
            new JsonObject
            {
                ["AttachStdin"] = true,
                ["AttachStdout"] = true,
                ["AttachStderr"] = true,
                ["Tty"] = exec.Terminal is not null,
                ["Cmd"] = command,
                ["Env"] = new JsonArray(),
                ["WorkingDir"] = "/",
                ["User"] = $"{user.Uid}:{user.Gid}",
            },
            ct);
        return (string?)answer?["Id"] ?? throw new SandboxException("The engine made no command.");
    }

    private static async Task<byte[]> ReadLettersAsync(EngineStream stream, CancellationToken ct)
    {
        var letters = new byte[Launcher.ReadyLength];
        var length = 0;
        int count;
        while (length < letters.Length && (count = await stream.ReadAsync(letters.AsMemory(length), ct)) > 0)
        {
            length += count;
        }

        return letters[..length];
    }

    private static async Task<string> WordsAsync(EngineStream stream, byte[] first, CancellationToken ct)
    {
        var rest = new byte[MostWords];
        var count = first.Length == 0 ? 0 : await stream.ReadAsync(rest, ct);
        return Encoding.UTF8.GetString([.. first, .. rest.AsSpan(0, count)]).Trim();
    }
}
