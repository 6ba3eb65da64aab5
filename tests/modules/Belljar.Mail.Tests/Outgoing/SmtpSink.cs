using System.Net;
using System.Net.Sockets;
using Belljar.Sandboxes.Processes;

namespace Belljar.Mail.Tests.Outgoing;

/// <summary>Postfix's own test server, in a process of its own.</summary>
internal sealed class SmtpSink : IAsyncDisposable
{
    private const string Program = "/usr/sbin/smtp-sink";

    private readonly ChildProcess _process;

    private SmtpSink(ChildProcess process, int port) => (_process, Port) = (process, port);

    public static bool IsInstalled => File.Exists(Program);

    public int Port { get; }

    /// <param name="options">Before the address.</param>
    public static async Task<SmtpSink> StartAsync(params string[] options)
    {
        // It cannot be told to pick a port: one that was free a moment ago, and another one if it is not any more.
        while (true)
        {
            int port;
            using (var probe = new TcpListener(IPAddress.Loopback, 0))
            {
                probe.Start();
                port = ((IPEndPoint)probe.LocalEndpoint).Port;
            }

            string[] asRoot = Environment.IsPrivilegedProcess ? ["-u", "nobody"] : [];
            var process = ChildProcess.Start(new ChildSpec([Program, .. asRoot, .. options, $"127.0.0.1:{port}", "100"]));
            if (await IsReachedAsync(port, process))
            {
                return new SmtpSink(process, port);
            }

            await process.DisposeAsync();
        }
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private static async Task<bool> IsReachedAsync(int port, ChildProcess process)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!process.Exited.IsCompleted)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, port, patience.Token);
                return true;
            }
            catch (SocketException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, patience.Token);
            }
        }

        return false;
    }
}
