using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Belljar.Sandboxes.Files;
using Belljar.Sandboxes.Native;
using Belljar.Sandboxes.Tiny;

namespace Belljar.Sandboxes.Docker;

/// <summary>
/// Makes a listening socket inside a container's network namespace for a caller that may not enter it: a container of one
/// tiny program joins the namespace, makes the socket and hands it over through a Unix socket that only it is shown.
/// </summary>
internal static class DockerListener
{
    private const string Inside = "/belljar";

    public static async Task<Socket> ListenAsync(DockerContainer container, string image, DockerStore store, int port, CancellationToken ct)
    {
        var folder = store.NewMeeting();
        using var place = HostFolder.Open(folder, pathOnly: true);
        using var meeting = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            meeting.Bind(new UnixDomainSocketEndPoint($"/proc/self/fd/{place.DangerousGetHandle()}/s")); // The folder's own path may be too long for a socket.
            meeting.Listen(1);
            var id = await CreateAsync(container, image, store.Name, folder, port, ct);
            try
            {
                var accepting = meeting.AcceptAsync(ct).AsTask();
                await container.Engine.PostAsync($"/containers/{id}/start", (JsonObject?)null, ct);
                var ended = container.Engine.PostAsync($"/containers/{id}/wait", (JsonObject?)null, ct);
                if (await Task.WhenAny(accepting, ended) != accepting && !accepting.IsCompleted)
                {
                    throw new SandboxException($"Port {port} inside the sandbox is taken, or the engine let no helper into its network.");
                }

                using var connection = await accepting;
                var socket = DescriptorPassing.ReceiveSocket(connection);
                if ((socket.LocalEndPoint as IPEndPoint)?.Port == port)
                {
                    return socket;
                }

                socket.Dispose();
                throw new SandboxException($"Port {port} inside the sandbox is taken.");
            }
            finally
            {
                await container.Engine.DeleteAsync($"/containers/{id}?force=true&v=true", CancellationToken.None);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<string> CreateAsync(DockerContainer container, string image, string store, string folder, int port, CancellationToken ct)
    {
        var answer = await container.Engine.PostAsync(
            "/containers/create",
            new JsonObject
            {
                ["Image"] = image,
                ["Entrypoint"] = new JsonArray("/.listen"),
                ["Cmd"] = new JsonArray(),
                ["User"] = "0:0",
                ["Labels"] = ContainerConfig.HelperLabels(store),
                ["HostConfig"] = new JsonObject
                {
                    ["NetworkMode"] = $"container:{container.Id}",
                    ["CapDrop"] = new JsonArray("ALL"),
                    ["CapAdd"] = new JsonArray("CAP_DAC_OVERRIDE", "CAP_NET_BIND_SERVICE"), // The folder is the caller's alone.
                    ["SecurityOpt"] = new JsonArray("no-new-privileges:true"),
                    ["Binds"] = new JsonArray($"{folder}:{Inside}:rw"),
                    ["LogConfig"] = new JsonObject { ["Type"] = "none" },
                },
            },
            ct);
        var id = (string?)answer?["Id"] ?? throw new SandboxException("The engine made no helper container.");
        var program = TinyPrograms.ListenFor(System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture, port, $"{Inside}/s");
        await new ContainerFiles(new DockerContainer(container.Engine, id)).PutAsync(
            "/", writer => writer.WriteEntry(TarPack.File(".listen", program, (UnixFileMode)0x1ED, 0, 0)), ct);
        return id;
    }
}
