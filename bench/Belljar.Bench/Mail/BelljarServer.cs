using Belljar.Sandboxes.Processes;

namespace Belljar.Bench.Mail;

/// <summary><c>belljar worker mail</c> of the Release build, in a home of this run's own.</summary>
internal sealed class BelljarServer : IMailServer
{
    private readonly DirectoryInfo _home;
    private readonly ChildProcess _process;

    private BelljarServer(DirectoryInfo home, ChildProcess process, int port) => (_home, _process, Port) = (home, process, port);

    public int Port { get; }

    public static async Task<BelljarServer> StartAsync(int port, CancellationToken ct)
    {
        var home = Directory.CreateTempSubdirectory("bj-");
        await File.WriteAllTextAsync(
            Path.Combine(home.FullName, "belljar.yaml"),
            $"mail:\n  domains: [mx.test]\n  smtp: {{listen: [\"127.0.0.1:{port}\"], max_connections_per_peer: 1000, rate_per_peer: 0}}\n  mailboxes: {{agent: {{}}}}\n",
            ct);
        var program = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../Belljar/release/belljar.dll"));
        var dotnet = Path.GetFullPath(Path.Combine(System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory(), "../../../dotnet"));
        var process = ChildProcess.Start(new ChildSpec(dotnet, program, "worker", "mail")
        {
            Environment = new Dictionary<string, string> { ["BELLJAR_HOME"] = home.FullName, ["HOME"] = home.FullName, ["DOTNET_NOLOGO"] = "1" },
        });
        return new BelljarServer(home, process, port);
    }

    public int Delivered()
    {
        var inbox = Path.Combine(_home.FullName, "state/mail/inbox/agent");
        return Directory.Exists(inbox) ? Directory.EnumerateFiles(inbox, "*.md").Count(file => !Path.GetFileName(file).StartsWith('.')) : 0;
    }

    public TimeSpan Cpu() => ProcessTimes.Of(_process.Pid);

    public void Delete() => _home.Delete(recursive: true);

    public async ValueTask DisposeAsync()
    {
        _process.Send(Signal.Terminate);
        await _process.Exited;
        await _process.DisposeAsync();
    }
}
