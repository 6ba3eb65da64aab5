using System.Net.Sockets;
using Belljar.Sandboxes.Privileges;
using Belljar.Sandboxes.Processes;
using Belljar.Testing;

namespace Belljar.Sandboxes.Tests.Backends;

/// <summary>A Docker engine of the test run's own: started when the first test wants it, in folders of its own, without networks.</summary>
public sealed class DockerEngine : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new();
    private readonly Lazy<Task<string?>> _started;
    private ChildProcess? _daemon;

    public DockerEngine()
    {
        _started = new Lazy<Task<string?>>(StartAsync);
    }

    public string Folder => _folder.Path;

    public string Socket => _folder["s.sock"];

    /// <returns>Why there is none; null when it answers.</returns>
    public Task<string?> EnsureAsync() => _started.Value;

    /// <summary>Kills the engine while it works, and starts it again over what it had.</summary>
    public async Task CrashAsync()
    {
        _daemon!.Send(Signal.Kill);
        await _daemon.Exited;
        await _daemon.DisposeAsync();
        var noted = _folder["exec/containerd/containerd.pid"];
        if (File.Exists(noted) && ProcessDescriptor.TryOpen(int.Parse(File.ReadAllText(noted))) is { } containerd)
        {
            // It dies with the engine, a moment later: until then it holds its database.
            using (containerd)
            {
                containerd.Send(Signal.Kill);
                await containerd.EndedAsync(CancellationToken.None);
            }
        }

        // A number that is noted, and not collected yet by whoever adopted it, counts as running for the engine.
        File.Delete(noted);
        File.Delete(_folder["pid"]);
    }

    public Task<string?> StartAgainAsync() => StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_daemon is not null)
        {
            _daemon.Send(Signal.Terminate);
            await _daemon.Exited;
            await _daemon.DisposeAsync();

            // Where mounts do not propagate, a daemon that ends leaves its data folder mounted; one that was killed leaves namespaces.
            foreach (var place in File.ReadLines("/proc/self/mountinfo").Select(line => line.Split(' ')[4]).Where(place => place.StartsWith(_folder.Path + "/", StringComparison.Ordinal)).Reverse().ToList())
            {
                await ChildProcess.RunAsync(new ChildSpec("umount", "-l", "--", place), RunLimits.Default, CancellationToken.None);
            }
        }

        _folder.Dispose();
    }

    private async Task<string?> StartAsync()
    {
        if (!LeastPrivilege.IsRoot)
        {
            return "a Docker engine is started by root only";
        }

        if (ProgramPath.Find("dockerd") is not { } program)
        {
            return "there is no dockerd (apt install docker.io)";
        }

        await using var log = new FileStream(_folder["log"], FileMode.Append);
        _daemon = ChildProcess.Start(new ChildSpec(
            program, "--mtu", "1400", "--bridge=none", "--iptables=false", "--ip6tables=false", "--data-root", _folder["data"], "--exec-root", _folder["exec"],
            "--pidfile", _folder["pid"], "--host", $"unix://{Socket}")
        {
            Environment = new Dictionary<string, string> { ["PATH"] = ProgramPath.Default },
            Output = ChildStream.From(log.SafeFileHandle),
            Error = ChildStream.AsOutput,
        });
        using var limit = new CancellationTokenSource(StartLimit);
        while (!await AnswersAsync())
        {
            if (_daemon.Exited.IsCompleted || limit.IsCancellationRequested)
            {
                return $"dockerd did not start: {File.ReadAllLines(_folder["log"]).LastOrDefault()}";
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }

        return null;
    }

    private async Task<bool> AnswersAsync()
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(Socket));
            await socket.SendAsync("GET /_ping HTTP/1.0\r\n\r\n"u8.ToArray());
            var answer = new byte[64];
            var count = await socket.ReceiveAsync(answer);
            return System.Text.Encoding.ASCII.GetString(answer, 0, count).Contains(" 200 ", StringComparison.Ordinal);
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
