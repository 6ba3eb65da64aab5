using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Belljar.Mail;
using Belljar.Mail.Outgoing;
using Belljar.Mail.Signing;
using Belljar.Mail.Storage;
using Belljar.Sandboxes.Processes;
using Microsoft.Extensions.Logging.Abstractions;

namespace Belljar.Bench.Mail;

/// <summary>
/// From handing in to the last message taken by smtp-sink: Belljar (queue, sent copy as Markdown and raw, with and without two
/// signatures) beside Postfix (queue alone), twenty connections out, ten handing in, in turn. And what signing costs.
/// </summary>
public sealed class MailOutBenchmark : IBenchmark
{
    private const int Submitters = 10;
    private const int Connections = 20;
    private const int Rounds = 3;

    public string Name => "mailout";

    public string Summary => "messages submitted and delivered to a local sink, beside Postfix; signing per message";

    public async Task RunAsync(CancellationToken ct)
    {
        MeasureSigning();
        if (!SinkProcess.IsPossible)
        {
            Console.WriteLine("skipped: smtp-sink is not installed (apt-get install postfix)");
            return;
        }

        var count = int.TryParse(Environment.GetEnvironmentVariable("BELLJAR_BENCH_MESSAGES"), out var wanted) ? wanted : 2000;
        foreach (var size in new[] { 4 * 1024, 100 * 1024 })
        {
            var messages = size > 10_000 ? count / 2 : count;
            await MeasureOursAsync("", sign: true, size, count, ct);
            await MeasureOursAsync("unsigned", sign: false, size, messages, ct);

            // In turn, since what else the machine does comes and goes.
            var ratios = new List<double>();
            for (var round = 0; round < Rounds; round++)
            {
                var ours = await MeasureOursAsync("signed", sign: true, size, messages, ct);
                if (PostfixRelay.IsPossible)
                {
                    ratios.Add(ours / await MeasurePostfixAsync(size, messages, ct));
                }
            }

            if (ratios.Count > 0)
            {
                Console.WriteLine($"ratio    {size / 1024,4} kB  {ratios.Order().ElementAt(ratios.Count / 2):F2}   (signed, delivered, median of {ratios.Count})");
            }
        }
    }

    private static void MeasureSigning()
    {
        var folder = Directory.CreateTempSubdirectory("bj-sign-");
        var keys = new DkimKeyStore(folder.FullName, TimeProvider.System);
        keys.Generate("mx.test");
        using var signer = new DkimSigner(keys, TimeProvider.System);
        foreach (var size in new[] { 4 * 1024, 100 * 1024 })
        {
            var message = Message(size);
            for (var warm = 0; warm < 200; warm++)
            {
                signer.TrySign(message, "mx.test", out _);
            }

            var before = GC.GetAllocatedBytesForCurrentThread();
            var clock = Stopwatch.StartNew();
            var signed = 0;
            for (; clock.ElapsedMilliseconds < 2000; signed++)
            {
                signer.TrySign(message, "mx.test", out _);
            }

            Console.WriteLine($"sign     {size / 1024,4} kB  {clock.Elapsed.TotalMicroseconds / signed,7:F0} µs   {(GC.GetAllocatedBytesForCurrentThread() - before) / signed / 1024,4} kB allocated   (rsa-2048 and ed25519)");
        }

        folder.Delete(recursive: true);
    }

    private static async Task<double> MeasureOursAsync(string name, bool sign, int size, int count, CancellationToken ct)
    {
        var folder = Directory.CreateTempSubdirectory("bj-out-");
        var port = FreePort();
        var mail = new MailOptions
        {
            HostName = "mx.test",
            Domains = ["mx.test"],
            Mailboxes = [new MailboxOptions("agent", ["agent@mx.test"], TrustPolicy.None, null)],
            Smtp = new SmtpOptions(),
        };
        var options = new OutgoingOptions { Sign = sign, MostPerDomain = Connections, MostAtOnce = Connections, Smarthost = new SmarthostOptions("localhost", port, SmarthostTls.None, null, null) };
        double delivered;
        await using (var sink = await SinkProcess.StartAsync(port, count, ct))
        using (var store = MailStore.Open(folder.FullName, mail, TimeProvider.System, NullLogger<MailStore>.Instance))
        await using (var outgoing = OutgoingMail.Create(mail, options, store, new MailboxLocks(), new OpenMailGate(), TimeProvider.System, _ => { }, NullLogger<OutgoingMail>.Instance))
        {
            new DkimKeyStore(folder.FullName, TimeProvider.System).Generate("mx.test");
            await outgoing.StartAsync(ct);
            var submit = new SubmitOptions { MaySendAs = _ => true };
            var message = Message(size);
            var left = count;
            var before = Environment.CpuUsage.TotalTime;
            var clock = Stopwatch.StartNew();
            await Task.WhenAll(Enumerable.Range(0, Submitters).Select(_ => Task.Run(
                async () =>
                {
                    while (Interlocked.Decrement(ref left) >= 0)
                    {
                        await outgoing.SubmitAsync(message, null, null, submit, ct);
                    }
                },
                ct)));
            var accepted = clock.Elapsed.TotalSeconds;
            await sink.Finished.WaitAsync(TimeSpan.FromMinutes(5), ct);
            delivered = clock.Elapsed.TotalSeconds;
            Print(name, size, count, accepted, delivered, Environment.CpuUsage.TotalTime - before);
            await outgoing.StopAsync(ct);
        }

        folder.Delete(recursive: true);
        return count / delivered;
    }

    private static async Task<double> MeasurePostfixAsync(int size, int count, CancellationToken ct)
    {
        var (port, next) = (FreePort(), FreePort());
        await using var sink = await SinkProcess.StartAsync(next, count, ct);
        await using var relay = await PostfixRelay.StartAsync(port, next, Connections, ct);
        await ReachAsync(port, ct);
        var before = relay.Cpu();
        var clock = Stopwatch.StartNew();
        var result = await ChildProcess.RunAsync(
            new ChildSpec("/usr/sbin/smtp-source", "-s", $"{Submitters}", "-m", $"{count}", "-l", $"{size}", "-f", "agent@mx.test", "-t", "bob@b.example", $"127.0.0.1:{port}"),
            new RunLimits { Timeout = TimeSpan.FromMinutes(5) },
            ct);
        if (!result.Succeeded)
        {
            throw new InvalidOperationException($"smtp-source: {result.ErrorText}");
        }

        var accepted = clock.Elapsed.TotalSeconds;
        await sink.Finished.WaitAsync(TimeSpan.FromMinutes(5), ct);
        var delivered = clock.Elapsed.TotalSeconds;
        Print("postfix", size, count, accepted, delivered, relay.Cpu() - before);
        return count / delivered;
    }

    /// <param name="processor">Of this process, or of all of Postfix's; neither of who sends to it nor of the sink.</param>
    private static void Print(string name, int size, int count, double accepted, double delivered, TimeSpan processor)
    {
        if (name.Length == 0)
        {
            return; // Warming up.
        }

        Console.WriteLine(
            $"{name,-8} {size / 1024,4} kB  accepted {count / accepted,7:F0}/s   delivered {count / delivered,7:F0}/s   ({count} messages, {processor.TotalMilliseconds / count:F2} ms of processor each)");
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

    private static byte[] Message(int size)
    {
        var line = new string('x', 76) + "\r\n";
        return Encoding.ASCII.GetBytes(
            "From: Agent <agent@mx.test>\r\nTo: Bob <bob@b.example>\r\nSubject: A benchmark\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\n"
            + string.Concat(Enumerable.Repeat(line, size / line.Length)));
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
