using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Belljar.Sandboxes.Processes;

namespace Belljar.Bench.Mail;

/// <summary>
/// Receiving, each message on the disk before its 250, beside Postfix into a Maildir, fed by the same generator
/// (smtp-source): 10 and 50 connections, 4 and 100 kB. The two take turns, three rounds, and the medians are compared.
/// BELLJAR_BENCH_MESSAGES says how many of 4 kB a round has (2000; of 100 kB a third of it), BELLJAR_BENCH_ROUNDS how many rounds.
/// </summary>
public sealed class MailInBenchmark : IBenchmark
{
    private const int WarmUp = 1000;
    private const string Generator = "/usr/sbin/smtp-source";

    private const string WhatIsCompared =
        """
        What each does before its 250. Postfix: writes one queue file (cleanup) and calls fsync on it; qmgr and virtual make the
        Maildir file of it afterwards, with an fsync of their own. Belljar: writes the raw message and the Markdown file, journals
        both with one fdatasync for all connections that wait (group commit), renames them into the mailbox; one syncfs for each
        64 MiB. So Belljar's message is in the mailbox when it is accepted, Postfix's in the queue. CPU is of the servers alone.
        """;

    private static readonly (int Connections, int Size)[] Cells = [(10, 4 * 1024), (10, 100 * 1024), (50, 4 * 1024), (50, 100 * 1024)];

    public string Name => "mailin";

    public string Summary => "messages received and durable, beside Postfix into a Maildir (smtp-source, 10 and 50 connections)";

    public async Task RunAsync(CancellationToken ct)
    {
        if (!File.Exists(Generator))
        {
            Console.WriteLine("skipped: smtp-source is not installed (apt-get install postfix)");
            return;
        }

        var messages = Number("BELLJAR_BENCH_MESSAGES", 2000);
        var rounds = Number("BELLJAR_BENCH_ROUNDS", 3);
        if (!PostfixServer.IsPossible)
        {
            Console.WriteLine("postfix: skipped, it is not installed or this is not root");
        }

        Console.WriteLine(WhatIsCompared);
        Console.WriteLine($"medians of {rounds} rounds; load {File.ReadAllText("/proc/loadavg").Trim()}");
        Console.WriteLine("conn    size             accepted   in the mailbox    CPU a message");
        var used = new List<IMailServer>();
        try
        {
            foreach (var cell in Cells)
            {
                await MeasureAsync(cell, cell.Size > 10_000 ? messages / 3 : messages, rounds, used, ct);
            }
        }
        finally
        {
            // Only now: ext4 without a journal looks for an inode all the longer the more were deleted of late.
            used.ForEach(server => server.Delete());
        }
    }

    private static async Task MeasureAsync((int Connections, int Size) cell, int count, int rounds, List<IMailServer> used, CancellationToken ct)
    {
        var (ours, theirs) = (new List<Rate>(), new List<Rate>());
        for (var round = 0; round < rounds; round++)
        {
            await using (var belljar = await BelljarServer.StartAsync(FreePort(), ct))
            {
                used.Add(belljar);
                ours.Add(await MeasureAsync(belljar, cell, count, ct));
            }

            if (PostfixServer.IsPossible)
            {
                await using var postfix = await PostfixServer.StartAsync(FreePort(), ct);
                used.Add(postfix);
                theirs.Add(await MeasureAsync(postfix, cell, count, ct));
            }
        }

        Print("belljar", cell, Rate.Median(ours));
        if (theirs.Count > 0)
        {
            Print("postfix", cell, Rate.Median(theirs));
            var (mine, other) = (Rate.Median(ours), Rate.Median(theirs));
            Console.WriteLine(
                $"{"",14}ratio    {mine.Accepted / other.Accepted,7:F2}  {mine.Stored / other.Stored,16:F2}  {other.Cpu / mine.Cpu,14:F2}   rounds: "
                + string.Join(", ", ours.Zip(theirs).Select(pair => $"{pair.First.Accepted:F0}:{pair.Second.Accepted:F0}")));
        }
    }

    private static void Print(string name, (int Connections, int Size) cell, Rate rate) =>
        Console.WriteLine($"{cell.Connections,4} {cell.Size / 1024,4} kB  {name}  {rate.Accepted,7:F0}/s  {rate.Stored,14:F0}/s  {rate.Cpu,11:F2} ms");

    private static async Task<Rate> MeasureAsync(IMailServer server, (int Connections, int Size) cell, int count, CancellationToken ct)
    {
        await ReachAsync(server.Port, ct);
        await SendAsync(server.Port, cell, WarmUp, ct);
        await DeliveredAsync(server, WarmUp, ct);

        var cpu = server.Cpu();
        var clock = Stopwatch.StartNew();
        await SendAsync(server.Port, cell, count, ct);
        var accepted = clock.Elapsed.TotalSeconds;
        await DeliveredAsync(server, count + WarmUp, ct);
        return new Rate(count / accepted, count / clock.Elapsed.TotalSeconds, (server.Cpu() - cpu).TotalMilliseconds / count);
    }

    private static int Number(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), out var wanted) ? wanted : otherwise;

    private static async Task SendAsync(int port, (int Connections, int Size) cell, int count, CancellationToken ct)
    {
        var result = await ChildProcess.RunAsync(
            new ChildSpec(Generator, "-s", $"{cell.Connections}", "-m", $"{count}", "-l", $"{cell.Size}", "-f", "bench@example.org", "-t", "agent@mx.test", $"127.0.0.1:{port}"),
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

    /// <summary>Of all its processes, since they started.</summary>
    TimeSpan Cpu();

    /// <summary>Takes its files away, after it ended.</summary>
    void Delete();
}

/// <param name="Accepted">Messages a second, until the last 250.</param>
/// <param name="Stored">Messages a second, until the last one is in the mailbox.</param>
/// <param name="Cpu">Milliseconds of processor time a message.</param>
internal sealed record Rate(double Accepted, double Stored, double Cpu)
{
    public static Rate Median(IReadOnlyList<Rate> rates) =>
        new(Median(rates.Select(rate => rate.Accepted)), Median(rates.Select(rate => rate.Stored)), Median(rates.Select(rate => rate.Cpu)));

    private static double Median(IEnumerable<double> numbers)
    {
        double[] sorted = [.. numbers.Order()];
        return sorted[sorted.Length / 2];
    }
}
