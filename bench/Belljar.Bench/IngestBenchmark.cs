using System.Buffers;
using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Belljar.Contracts;
using Belljar.Contracts.Events;
using Belljar.Contracts.Wire;
using Belljar.Store.Audit;
using Belljar.Store.Events;
using Belljar.Store.Ingest;
using Belljar.Store.Spool;
using Microsoft.Extensions.Logging.Abstractions;
using Stopwatch = System.Diagnostics.Stopwatch;

namespace Belljar.Bench;

/// <summary>
/// A million events through <c>ingest.sock</c> into an empty log with all its indexes: JSON parsed and checked, stored,
/// audit events linked and fsynced, every batch acknowledged. Producers send batches made beforehand and keep a few
/// unanswered. Then the same through <see cref="SpoolingEventSink"/>, with its own serialising in the time.
/// </summary>
internal sealed class IngestBenchmark : IBenchmark
{
    private const int Total = 1_000_000;
    private const int Connections = 2;
    private const int PerBatch = 500;
    private const int Unanswered = 4;

    public string Name => "ingest";

    public string Summary => "a million events through ingest.sock, all indexes present; events per second";

    public async Task RunAsync(CancellationToken ct)
    {
        var folder = Directory.CreateTempSubdirectory("bj-bench-").FullName;
        try
        {
            await ThroughTheSocketAsync(folder, ct);
            await ThroughASinkAsync(folder, ct);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task ThroughTheSocketAsync(string folder, CancellationToken ct)
    {
        var frames = Frames(out var audited);
        var path = Path.Combine(folder, "socket.db");
        using var log = EventLog.Open(path, TimeProvider.System);
        await using var server = Server(log, folder);
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(frames.Chunk(frames.Count / Connections).Select(part => SendAsync(folder, part, ct)));
        var seconds = watch.Elapsed.TotalSeconds;

        Report("socket, " + Connections + " connections", Total, seconds, log, audited);
        Console.WriteLine($"  file {new FileInfo(path).Length / 1048576.0:F0} MiB, working set {Environment.WorkingSet / 1048576} MiB, with the batches made beforehand");
        watch.Restart();
        var verdict = AuditChain.Verify(log.Reader, log.Head, ct);
        Console.WriteLine($"  audit verify: {verdict.Break}, {verdict.Links} links in {watch.Elapsed.TotalSeconds:F2} s");
        watch.Restart();
        log.Reader.List(new EventQuery { Session = "dev-00003", BeforeSeq = Total / 2 }, ct);
        log.Reader.List(new EventQuery { KindPattern = "decoy.>", BeforeSeq = Total / 2 }, ct);
        Console.WriteLine($"  two pages of 100 from the middle (by session; by decoy.>): {watch.Elapsed.TotalMilliseconds:F1} ms");
    }

    private static async Task ThroughASinkAsync(string folder, CancellationToken ct)
    {
        const int count = Total / 5;
        var events = Enumerable.Range(0, count).Select(Event).ToArray();
        using var log = EventLog.Open(Path.Combine(folder, "sink.db"), TimeProvider.System);
        await using var server = Server(log, folder);
        await using var sink = new SpoolingEventSink(
            new SpoolingSinkOptions { SocketPath = Path.Combine(folder, "i.sock"), SpoolRoot = Path.Combine(folder, "spool"), Producer = "bench" },
            TimeProvider.System,
            NullLogger<SpoolingEventSink>.Instance);
        const int writers = 256;
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(events.Chunk(count / writers).Select(async part =>
        {
            foreach (var e in part)
            {
                await sink.RecordAsync(e, ct);
            }
        }));
        Report($"one sink, {writers} writers that wait for each event", count, watch.Elapsed.TotalSeconds, log, events.Count(IsAudit));
    }

    private static IngestServer Server(EventLog log, string folder)
    {
        var options = new IngestOptions { SocketPath = Path.Combine(folder, "i.sock"), Host = "bench" };
        var server = new IngestServer(log, options, null, NullLogger<IngestServer>.Instance);
        server.Start();
        return server;
    }

    private static void Report(string what, int count, double seconds, EventLog log, int audited)
    {
        if (log.Reader.Count(new EventQuery(), CancellationToken.None) != count || log.Head.Count != audited)
        {
            throw new InvalidOperationException("Not every event arrived.");
        }

        Console.WriteLine($"  {what}: {count / seconds:N0} events/s ({count:N0} in {seconds:F1} s, {100.0 * audited / count:F0} % of them audit)");
    }

    private static async Task SendAsync(string folder, byte[][] frames, CancellationToken ct)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(Path.Combine(folder, "i.sock")), ct);
        await using var stream = new NetworkStream(socket);
        using var window = new SemaphoreSlim(Unanswered);
        var answers = AnswersAsync(stream, frames.Length, window, ct);
        foreach (var frame in frames)
        {
            await window.WaitAsync(ct);
            await stream.WriteAsync(frame, ct);
        }

        await answers;
    }

    private static async Task AnswersAsync(NetworkStream stream, int count, SemaphoreSlim window, CancellationToken ct)
    {
        using var reader = new BinaryReader(stream, Encoding.ASCII, leaveOpen: true);
        await Task.Yield();
        var line = new List<byte>();
        for (var i = 0; i < count; i++)
        {
            line.Clear();
            for (var b = reader.ReadByte(); b != '\n'; b = reader.ReadByte())
            {
                line.Add(b);
            }

            var body = reader.ReadBytes(BinaryPrimitives.ReverseEndianness(reader.ReadInt32()));
            if (line[0] != 'A')
            {
                throw new InvalidOperationException(Encoding.UTF8.GetString(body));
            }

            ct.ThrowIfCancellationRequested();
            window.Release();
        }
    }

    private static List<byte[]> Frames(out int audited)
    {
        var frames = new List<byte[]>();
        audited = 0;
        for (var first = 0; first < Total; first += PerBatch)
        {
            var body = new ArrayBufferWriter<byte>();
            foreach (var e in Enumerable.Range(first, PerBatch).Select(Event))
            {
                audited += IsAudit(e) ? 1 : 0;
                body.Write(JsonSerializer.SerializeToUtf8Bytes(e, ContractsJson.Default.BelljarEvent));
                body.Write("\n"u8);
            }

            var frame = new ArrayBufferWriter<byte>(body.WrittenCount + 64);
            Frame.Write(frame, "BATCH", $"{frames.Count + 1}", body.WrittenSpan);
            frames.Add(frame.WrittenSpan.ToArray());
        }

        return frames;
    }

    private static bool IsAudit(BelljarEvent e) => EventKinds.All[e.Kind].IsAudit;

    /// <summary>Of ten: three gate decisions (audit), two connections and three requests to decoys, two mails.</summary>
    private static BelljarEvent Event(int i) => (i % 10) switch
    {
        0 or 4 or 8 => EventKinds.EgressDecision.At(TimeProvider.System, new EgressDecision(
            "api.github.com", 443, "GET", $"/repos/o/r{i % 97}/pulls", "140.82.121.6", Verdict.Allow, "route:api.github.com", "", 200, 0, 20_000 + i, 81.25)) with
        {
            Session = $"dev-{i % 40:D5}",
        },
        1 or 6 => EventKinds.DecoyConnection.At(TimeProvider.System, new DecoyConnection("http", $"203.0.113.{i % 250}", 40_000 + (i % 20_000), "10.0.0.5", 80)) with
        {
            Decoy = $"web-{i % 25}",
            Attacker = $"a-{i * 7919L % 5000}",
        },
        2 or 5 or 9 => EventKinds.DecoyRequest.At(TimeProvider.System, new DecoyRequest(
            "http", $"203.0.113.{i % 250}", 40_000, "GET", $"/wp-login.php?x={i}", [new("Host", "10.0.0.5"), new("User-Agent", "Mozilla/5.0 zgrab/0.x"), new("Accept", "*/*")], null, 404)) with
        {
            Decoy = $"web-{i % 25}",
            Attacker = $"a-{i * 7919L % 5000}",
        },
        _ => EventKinds.MailReceived.At(TimeProvider.System, new MailReceived(
            $"20260314-{i}", $"{i}@mx.example.net", "Ann <ann@example.net>", "Invoice", "ann@example.net", "198.51.100.7", 4096, "true")) with
        {
            Mailbox = $"agent{i % 30}@example.org",
        },
    };
}
