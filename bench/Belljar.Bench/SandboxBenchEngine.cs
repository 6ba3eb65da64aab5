using System.Net.Sockets;
using Belljar.Sandboxes.Processes;

namespace Belljar.Bench;

/// <summary>A Docker engine for the measurement alone, and what its own command line takes for the same.</summary>
internal sealed class SandboxBenchEngine : IAsyncDisposable
{
    private readonly ChildProcess _daemon;

    private SandboxBenchEngine(ChildProcess daemon, string socket)
    {
        (_daemon, Socket) = (daemon, socket);
    }

    public string Socket { get; }

    /// <returns>Null when there is no dockerd.</returns>
    public static async Task<SandboxBenchEngine?> StartAsync(string folder, CancellationToken ct)
    {
        if (ProgramPath.Find("dockerd") is not { } program)
        {
            return null;
        }

        var socket = $"{folder}/s.sock";
        Directory.CreateDirectory(folder);
        var daemon = ChildProcess.Start(new ChildSpec(
            program, "--bridge=none", "--iptables=false", "--ip6tables=false", "--data-root", $"{folder}/data", "--exec-root", $"{folder}/exec", "--pidfile", $"{folder}/pid", "--host", $"unix://{socket}")
        {
            Environment = new Dictionary<string, string> { ["PATH"] = ProgramPath.Default },
        });
        while (!await AnswersAsync(socket, ct) && !daemon.Exited.IsCompleted)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, ct);
        }

        return new SandboxBenchEngine(daemon, socket);
    }

    /// <summary>docker run and docker exec of the image that the docker backend has imported.</summary>
    public async Task CompareAsync(int rounds, CancellationToken ct)
    {
        if (ProgramPath.Find("docker") is null)
        {
            return;
        }

        var times = new BenchTimes("plain");
        var images = await DockerAsync(ct, "images", "-q", "belljar");
        var image = images.OutputText.Split('\n')[0];
        string[] holder = ["run", "-d", "--name", "holder", "--network", "none", "-v", "/usr:/usr:ro", image, "sleep", "1000"];
        await DockerAsync(ct, holder);
        for (var i = 0; i < rounds; i++)
        {
            await times.TimedAsync("docker run --rm echo", () => DockerAsync(ct, "run", "--rm", "--network", "none", "-v", "/usr:/usr:ro", image, "echo", "x"));
            await times.TimedAsync("docker exec echo", () => DockerAsync(ct, "exec", "holder", "echo", "x"));
        }

        times.Print();
        await DockerAsync(ct, "rm", "-f", "holder");
    }

    public async ValueTask DisposeAsync()
    {
        _daemon.Send(Signal.Terminate);
        await _daemon.Exited;
        await _daemon.DisposeAsync();
    }

    private async Task<RunResult> DockerAsync(CancellationToken ct, params string[] arguments)
    {
        var result = await ChildProcess.RunAsync(
            new ChildSpec(["docker", "--host", $"unix://{Socket}", .. arguments]) { Environment = new Dictionary<string, string> { ["PATH"] = $"{ProgramPath.Default}" } }, RunLimits.Default, ct);
        return result.Succeeded ? result : throw new IOException($"docker {arguments[0]}: {result.ErrorText}");
    }

    private static async Task<bool> AnswersAsync(string path, CancellationToken ct)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), ct);
            await socket.SendAsync("GET /_ping HTTP/1.0\r\n\r\n"u8.ToArray(), ct);
            return await socket.ReceiveAsync(new byte[64], ct) > 0;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
