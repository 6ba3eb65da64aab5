using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Belljar.Bench.Bus;

/// <summary>A nats-server of this run's own, on a free loopback port; ended by its handle.</summary>
internal sealed class NatsServer : IAsyncDisposable
{
    private readonly Process _process;
    private readonly DirectoryInfo _folder;

    private NatsServer(Process process, DirectoryInfo folder, int port, string version)
    {
        (_process, _folder, Port, Version) = (process, folder, port, version);
    }

    public int Port { get; }

    public string Version { get; }

    /// <summary>Null where there is none installed.</summary>
    public static async Task<NatsServer?> StartAsync(CancellationToken ct)
    {
        var folder = Directory.CreateTempSubdirectory("bj-nats-");
        try
        {
            var version = await VersionAsync(ct);
            var port = FreePort();
            var process = Process.Start(new ProcessStartInfo(
                "nats-server", ["-a", "127.0.0.1", "-p", $"{port}", "-l", Path.Combine(folder.FullName, "log")])
            {
                WorkingDirectory = folder.FullName,
                UseShellExecute = false,
            })!;
            return new NatsServer(process, folder, port, version);
        }
        catch (Win32Exception)
        {
            folder.Delete(recursive: true);
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private static async Task<string> VersionAsync(CancellationToken ct)
    {
        using var process = Process.Start(new ProcessStartInfo("nats-server", ["--version"]) { RedirectStandardOutput = true, UseShellExecute = false })!;
        var line = await process.StandardOutput.ReadToEndAsync(ct);
        await process.WaitForExitAsync(ct);
        return line.Trim().Split(' ')[^1];
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
