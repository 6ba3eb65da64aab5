using System.Net;
using System.Net.Sockets;
using Belljar.Sandboxes.Processes;

namespace Belljar.Bench.Mail;

/// <summary>Postfix's smtp-sink, which takes everything and ends after so many messages.</summary>
internal sealed class SinkProcess : IAsyncDisposable
{
    private const string Program = "/usr/sbin/smtp-sink";

    private readonly ChildProcess _process;

    private SinkProcess(ChildProcess process) => _process = process;

    public static bool IsPossible => File.Exists(Program);

    /// <summary>Over when the last message has been taken.</summary>
    public Task Finished => _process.Exited;

    public static async Task<SinkProcess> StartAsync(int port, int messages, CancellationToken ct)
    {
        string[] asRoot = Environment.IsPrivilegedProcess ? ["-u", "nobody"] : [];
        var sink = new SinkProcess(ChildProcess.Start(new ChildSpec([Program, .. asRoot, "-M", $"{messages}", $"127.0.0.1:{port}", "200"])));
        for (var left = 200; ; left--)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, port, ct);
                return sink;
            }
            catch (SocketException) when (left > 0)
            {
                await Task.Delay(50, ct);
            }
        }
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
