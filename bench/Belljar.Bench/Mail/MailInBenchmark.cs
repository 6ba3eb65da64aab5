using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Belljar.Sandboxes.Processes;

namespace Belljar.Bench.Mail;

/// <summary>
/// Receiving, each message on the disk before its 250: Belljar (Markdown and raw) beside Postfix (queue, then Maildir), fed
/// by the same generator: smtp-source, ten connections. BELLJAR_BENCH_MESSAGES says how many (3000).
/// </summary>
public sealed class MailInBenchmark : IBenchmark
{
    private const int Connections = 10;
    private const string Generator = "/usr/sbin/smtp-source";

    private static readonly int[] Sizes = [4 * 1024, 100 * 1024];

    public string Name => "mailin";

    public string Summary => "messages received and durable, beside Postfix into a Maildir (smtp-source, 10 connections)";

    public async Task RunAsync(CancellationToken ct)
    {
        if (!File.Exists(Generator))
        {
            Console.WriteLine("skipped: smtp-source is not installed (apt-get install postfix)");
            return;
        }

        var messages = int.TryParse(Environment.GetEnvironmentVariable("BELLJAR_BENCH_MESSAGES"), out var wanted) ? wanted : 3000;
        foreach (var size in Sizes)
        {
            var count = size > 10_000 ? messages / 3 : messages;
            await using (var belljar = await BelljarServer.StartAsync(FreePort(), ct))
            {
                await MeasureAsync("belljar", belljar, size, count, ct);
            }

            if (!PostfixServer.IsPossible)
            {
                Console.WriteLine("postfix: skipped, it is not installed or this is not root");
                continue;
            }

            await using var postfix = await PostfixServer.StartAsync(FreePort(), ct);
            await MeasureAsync("postfix", postfix, size, count, ct);
        }
    }

    private static async Task MeasureAsync(string name, IMailServer server, int size, int count, CancellationToken ct)
    {
        await ReachAsync(server.Port, ct);
        await SendAsync(server.Port, size, Connections * 20, ct);
        await DeliveredAsync(server, Connections * 20, ct);

        var clock = Stopwatch.StartNew();
        await SendAsync(server.Port, size, count, ct);
        var accepted = clock.Elapsed.TotalSeconds;
        await DeliveredAsync(server, count + (Connections * 20), ct);
        Console.WriteLine($"{name,-8} {size / 1024,4} kB  accepted {count / accepted,7:F0}/s   in the mailbox {count / clock.Elapsed.TotalSeconds,7:F0}/s   ({count} messages)");
    }

    private static async Task SendAsync(int port, int size, int count, CancellationToken ct)
    {
        var result = await ChildProcess.RunAsync(
            new ChildSpec(Generator, "-s", $"{Connections}", "-m", $"{count}", "-l", $"{size}", "-f", "bench@example.org", "-t", "agent@mx.test", $"127.0.0.1:{port}"),
            new RunLimits { Timeout = TimeSpan.FromMinutes(5) },
            ct);
        if (!result.Succeeded)
        {
            throw new InvalidOperationException($"smtp-source: {result.ErrorText}");
        }
    }

    private static async Task DeliveredAsync(IMailServer server, int count, CancellationToken ct)
    {
        for (var left = 6000; server.Delivered() < count; left--)
        {
            if (left == 0)
            {
                throw new InvalidOperationException($"{server.Delivered()} of {count} messages arrived");
            }

            await Task.Delay(20, ct);
        }
    }

    private static async Task ReachAsync(int port, CancellationToken ct)
    {
        for (var left = 200; ; left--)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, port, ct);
                return;
            }
            catch (SocketException) when (left > 0)
            {
                await Task.Delay(100, ct);
            }
        }
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}

/// <summary>One of those that are compared.</summary>
internal interface IMailServer : IAsyncDisposable
{
    int Port { get; }

    /// <summary>Messages in the mailbox.</summary>
    int Delivered();
}
