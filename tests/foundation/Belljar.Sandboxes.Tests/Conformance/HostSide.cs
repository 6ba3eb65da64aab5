using System.Net;
using System.Net.Sockets;
using Belljar.Sandboxes.Processes;
using Belljar.Testing;

namespace Belljar.Sandboxes.Tests.Conformance;

/// <summary>Things of the host that attempts from inside try to reach, and that their controls do reach.</summary>
internal sealed class HostSide : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Socket _tcp = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Socket _abstract = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly Socket _unix = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    public HostSide()
    {
        var name = $"bj-{Guid.NewGuid():N}";
        File.WriteAllText(_folder["file"], "of the host");
        _tcp.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _tcp.Listen();
        _abstract.Bind(new UnixDomainSocketEndPoint($"\0{name}"));
        _abstract.Listen();
        _unix.Bind(new UnixDomainSocketEndPoint(_folder["s"]));
        Environment = new Dictionary<string, string>
        {
            ["PATH"] = ProgramPath.Default,
            ["HOST_PID"] = $"{System.Environment.ProcessId}",
            ["HOST_FILE"] = _folder["file"],
            ["HOST_SOCKET"] = _folder["s"],
            ["HOST_PORT"] = $"{((IPEndPoint)_tcp.LocalEndPoint!).Port}",
            ["HOST_ABSTRACT"] = name,
        };
    }

    public IReadOnlyDictionary<string, string> Environment { get; }

    /// <summary>Runs the control as root on the host, where what it changes is seen by nobody else.</summary>
    public Task<RunResult> ControlAsync(Attempt attempt, CancellationToken ct)
    {
        string[] command = attempt.Setup is { } setup ? ["--net", "--", "sh", "-c", setup] : ["--", "sh", "-c", attempt.Control];
        return ChildProcess.RunAsync(
            new ChildSpec(["unshare", "--mount", "--uts", "--propagation", "private", .. command])
            {
                Environment = new Dictionary<string, string>(Environment) { ["CONTROL"] = attempt.Control },
            },
            RunLimits.Default,
            ct);
    }

    public void Dispose()
    {
        _tcp.Dispose();
        _abstract.Dispose();
        _unix.Dispose();
        _folder.Dispose();
    }
}
