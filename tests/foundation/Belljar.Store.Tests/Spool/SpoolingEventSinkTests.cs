using System.Text.Json;
using Belljar.Contracts;
using Belljar.Contracts.Events;
using Belljar.Store.Events;
using Belljar.Store.Ingest;
using Belljar.Store.Spool;
using Belljar.Testing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Belljar.Store.Tests.Spool;

public sealed class SpoolingEventSinkTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ManualClock _clock = new();

    [Fact]
    public async Task Record_RecorderThere_IsStoredAndLeavesNoTrace()
    {
        await using var recorder = new Recorder(_folder, _clock);
        var e = Sample.Decision(_clock);

        await using (var sink = Sink())
        {
            await sink.RecordAsync(e, Ct);
            Assert.Equal(e.Id, Assert.Single(recorder.Events()).Event.Id);
        }

        Assert.False(Directory.Exists(_folder["spool"]));
    }

    [Fact]
    public async Task Record_RecorderAway_CompletesFromTheSpoolAndIsReplayedInOrder()
    {
        var events = Enumerable.Range(0, 50).Select(i => Sample.Connection(_clock, $"d-{i}")).ToList();
        await using var sink = Sink(TimeProvider.System);
        foreach (var e in events)
        {
            await sink.RecordAsync(e, Ct);
        }

        Assert.True(sink.SpooledBytes > 0);
        await using var recorder = new Recorder(_folder, _clock);
        await recorder.HasAsync(events.Count);

        Assert.Equal(events.Select(e => e.Id), recorder.Events().Select(stored => stored.Event.Id));
        await UntilAsync(() => sink.SpooledBytes == 0);
        Assert.Empty(Directory.EnumerateFiles(_folder["spool"], "*.jsonl", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Record_NoAnswerWithinTheDeadline_IsSpooledAndSentAgain()
    {
        var silent = true;
        await using var recorder = new FakeRecorder(_folder["i.sock"], _ => Volatile.Read(ref silent) ? "" : null);
        await using var sink = Sink();
        var recording = sink.RecordAsync(Sample.Decision(_clock), Ct).AsTask();
        await recorder.ArrivalAsync();
        Assert.False(recording.IsCompleted);
        Volatile.Write(ref silent, false);

        _clock.Advance(TimeSpan.FromSeconds(5));
        await recording;
        await recorder.ArrivalAsync();

        var batches = recorder.Batches.ToArray();
        Assert.Equal(batches[0], batches[1]);
    }

    [Fact]
    public async Task Record_WhileTheRecorderHangs_CompletesFromTheSpool()
    {
        await using var recorder = new FakeRecorder(_folder["i.sock"], _ => "");
        await using var sink = Sink();
        var first = sink.RecordAsync(Sample.Decision(_clock), Ct).AsTask();
        await recorder.ArrivalAsync();
        _clock.Advance(TimeSpan.FromSeconds(5));
        await first;

        // The replay of the first is on its way and will not be answered: the second need not wait for it.
        await recorder.ArrivalAsync();
        await sink.RecordAsync(Sample.Decision(_clock), Ct);

        Assert.Equal(2, recorder.Batches.Count);
    }

    [Fact]
    public async Task Batch_WithPoison_IsolatesItAndDeliversTheRest()
    {
        var gate = new TaskCompletionSource();
        await using var recorder = new FakeRecorder(_folder["i.sock"], lines =>
        {
            gate.Task.Wait();
            return lines.Any(line => line.Contains("poison", StringComparison.Ordinal)) ? "it is poison" : null;
        });
        await using var sink = Sink();
        var recordings = Enumerable.Range(0, 21)
            .Select(i => sink.RecordAsync(Sample.Connection(_clock, i is 5 or 13 ? "poison" : $"d-{i}"), Ct).AsTask())
            .ToList();

        gate.SetResult();
        await Task.WhenAll(recordings);

        Assert.Equal(2, sink.Rejected);
        var accepted = recorder.Batches.Where(lines => !lines.Any(line => line.Contains("poison", StringComparison.Ordinal))).SelectMany(lines => lines).ToList();
        Assert.Equal(Enumerable.Range(0, 21).Except([5, 13]).Select(i => $"d-{i}"), accepted.Select(DecoyOf));
        var rejected = File.ReadAllLines(Assert.Single(Directory.EnumerateFiles(_folder["spool/rejected"])));
        Assert.Equal(2, rejected.Length);
        Assert.Equal("it is poison", JsonElement.Parse(rejected[0]).GetProperty("reason").GetString());
        Assert.Equal("poison", DecoyOf(JsonElement.Parse(rejected[0]).GetProperty("event").GetString()!));
    }

    [Fact]
    public async Task Record_TooLarge_IsRejectedHereAndTheRestGoesOn()
    {
        await using var recorder = new Recorder(_folder, _clock);
        await using var sink = Sink();
        var huge = Sample.Mail(_clock) with { Data = JsonElement.Parse($"{{\"x\":\"{new string('x', 2_000_000)}\"}}") };

        await Task.WhenAll(sink.RecordAsync(huge, Ct).AsTask(), sink.RecordAsync(Sample.Mail(_clock), Ct).AsTask());

        Assert.Equal(1, sink.Rejected);
        Assert.Single(recorder.Events());
    }

    [Fact]
    public async Task Post_QueueFull_DropsAndCounts()
    {
        var gate = new TaskCompletionSource();
        await using var recorder = new FakeRecorder(_folder["i.sock"], _ =>
        {
            gate.Task.Wait();
            return null;
        });
        await using var sink = Sink(change: options => options with { QueueCapacity = 4 });
        var inHand = sink.RecordAsync(Sample.Mail(_clock), Ct).AsTask();
        await UntilAsync(() => !recorder.Batches.IsEmpty);

        for (var i = 0; i < 10; i++)
        {
            sink.Post(Sample.Mail(_clock));
        }

        Assert.Equal(6, sink.Dropped);
        gate.SetResult();
        await inHand;
        await sink.RecordAsync(Sample.Mail(_clock), Ct);
        Assert.Equal(6, recorder.Batches.Sum(lines => lines.Length));
    }

    [Fact]
    public async Task Dispose_RecorderAway_KeepsWhatWasPostedForTheNextStart()
    {
        await using (var sink = Sink())
        {
            sink.Post(Sample.Mail(_clock));
            sink.Post(Sample.Decision(_clock));
        }

        await using var recorder = new Recorder(_folder, _clock);
        await using var next = Sink();
        await recorder.HasAsync(2);
        await UntilAsync(() => !Directory.EnumerateFileSystemEntries(_folder["spool"]).Any());
    }

    [Fact]
    public async Task Record_AfterDispose_SaysSo()
    {
        var sink = Sink();
        await sink.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => sink.RecordAsync(Sample.Mail(_clock), Ct).AsTask());
    }

    [Fact]
    public async Task Spool_OfADeadProducer_WithATornEnd_IsTakenOverWithoutIt()
    {
        var events = Enumerable.Range(0, 3).Select(_ => Sample.Mail(_clock)).ToList();
        var dead = Directory.CreateDirectory(_folder["spool/mail.0197"]).FullName;
        await File.WriteAllTextAsync(_folder["spool/mail.0197.lock"], "", Ct);
        await File.WriteAllTextAsync(Path.Combine(dead, "00000001.jsonl"), Ingest.Producer.Lines(events[..2]), Ct);
        await File.WriteAllTextAsync(Path.Combine(dead, "00000002.jsonl"), Ingest.Producer.Lines(events[2]) + "{\"id\":\"0197", Ct);
        await using var recorder = new Recorder(_folder, _clock);

        await using var sink = Sink();
        await recorder.HasAsync(3);

        await UntilAsync(() => !Directory.Exists(dead));
        Assert.Equal(events.Select(e => e.Id), recorder.Events().Select(stored => stored.Event.Id));
        Assert.Equal(1, sink.TornLines);
        Assert.Equal(0, sink.Rejected);
    }

    [Fact]
    public async Task Spool_OfALivingProducer_IsLeftAlone()
    {
        await using var living = Sink();
        await living.RecordAsync(Sample.Mail(_clock), Ct);

        Assert.Empty(SpoolFolder.Adopt(_folder["spool"], ofUid: null));
    }

    [Fact]
    public void Adopt_FolderOfRejectedEvents_IsNoSpool()
    {
        Directory.CreateDirectory(_folder["spool/rejected"]);
        File.WriteAllText(_folder["spool/rejected/mail.0197.jsonl"], "{}\n");

        Assert.Empty(SpoolFolder.Adopt(_folder["spool"], ofUid: null));
        Assert.False(File.Exists(_folder["spool/rejected.lock"]));
    }

    [Fact]
    public async Task Spool_WithAPlantedLink_DoesNotReadThroughIt()
    {
        await File.WriteAllTextAsync(_folder["secret"], "root:x:0:0\n", Ct);
        var dead = Directory.CreateDirectory(_folder["spool/gate.0197"]).FullName;
        File.CreateSymbolicLink(Path.Combine(dead, "00000001.jsonl"), _folder["secret"]);
        await using var recorder = new Recorder(_folder, _clock);

        await using var sink = Sink();
        await UntilAsync(() => !Directory.Exists(dead));

        Assert.Equal("root:x:0:0\n", await File.ReadAllTextAsync(_folder["secret"], Ct));
        Assert.False(Directory.Exists(_folder["spool/rejected"]));
    }

    [Fact]
    public async Task Spool_BeyondItsBound_GivesUpTheOldestFile()
    {
        var events = Enumerable.Range(0, 40).Select(i => Sample.Connection(_clock, $"d-{i}")).ToList();
        await using var sink = Sink(change: options => options with { SpoolFileBytes = 1500, MaxSpoolBytes = 6000 });
        foreach (var e in events)
        {
            await sink.RecordAsync(e, Ct);
        }

        Assert.InRange(sink.SpooledBytes, 1, 6000);
        Assert.True(sink.SpoolFilesGivenUp > 0);
        await sink.DisposeAsync();

        await using var recorder = new Recorder(_folder, _clock);
        await using var next = Sink();
        await UntilAsync(() => !Directory.EnumerateFileSystemEntries(_folder["spool"]).Any());
        var stored = recorder.Events().Select(e => e.Event.Decoy!).ToList();
        Assert.NotEmpty(stored);
        Assert.Equal(events.Select(e => e.Decoy).TakeLast(stored.Count), stored);
    }

    [Fact]
    public async Task Spool_ThatCannotBeWritten_MakesRecordWaitAndLosesNothing()
    {
        await File.WriteAllTextAsync(_folder["spool"], "a file where the folder should be", Ct);
        await using var sink = Sink(TimeProvider.System);
        var recording = sink.RecordAsync(Sample.Mail(_clock), Ct).AsTask();
        Assert.False(recording.IsCompleted);

        await using var recorder = new Recorder(_folder, _clock);
        await recording;

        Assert.Single(recorder.Events());
    }

    [Fact]
    public async Task Recovery_ByTheRecorder_StampsTheOwnerAndHoldsItToItsRule()
    {
        var dead = Directory.CreateDirectory(_folder["spool/gate.0197"]).FullName;
        var decision = Sample.Decision(_clock);
        await File.WriteAllTextAsync(
            Path.Combine(dead, "00000001.jsonl"),
            Ingest.Producer.Lines(EventKinds.OperatorAction.At(_clock, new OperatorAction("grant", "x", 0, "done")), decision),
            Ct);
        await using var recorder = new Recorder(_folder, _clock, new IngestRule(Posix.EffectiveUid, Posix.EffectiveUid, "gate.>", 1));

        await recorder.RecoverAsync(_folder["spool"]);

        var stored = Assert.Single(recorder.Events());
        Assert.Equal((decision.Id, new Sender(Posix.EffectiveUid, 0)), (stored.Event.Id, stored.Sender));
        Assert.False(Directory.Exists(dead));
        Assert.Contains("may only send", File.ReadAllText(Assert.Single(Directory.EnumerateFiles(_folder["spool/rejected"]))));
    }

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        _folder.Dispose();
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static string DecoyOf(string line) => JsonSerializer.Deserialize(line, ContractsJson.Default.BelljarEvent)!.Decoy!;

    /// <summary>For what happens on the sink's own loop; a deadline against a hang, no measure of speed.</summary>
    internal static async Task UntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, patience.Token);
        }
    }

    private SpoolingEventSink Sink(TimeProvider? clock = null, Func<SpoolingSinkOptions, SpoolingSinkOptions>? change = null)
    {
        var options = new SpoolingSinkOptions
        {
            SocketPath = _folder["i.sock"],
            SpoolRoot = _folder["spool"],
            Producer = "mail",
            FirstBackoff = TimeSpan.FromMilliseconds(5),
        };
        return new SpoolingEventSink(change?.Invoke(options) ?? options, clock ?? _clock, NullLogger<SpoolingEventSink>.Instance);
    }
}
