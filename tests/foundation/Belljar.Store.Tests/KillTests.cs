#pragma warning disable RS0030 // These tests are about processes that die: they start the victims themselves, and ask whether to run long.
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Belljar.Store.Audit;
using Belljar.Store.Events;
using Belljar.Testing;
using Microsoft.Data.Sqlite;

namespace Belljar.Store.Tests;

/// <summary>
/// Producer and recorder are killed (SIGKILL) at random moments. Whatever a producer was promised is in the log in the
/// end, once, and the audit chain holds.
/// </summary>
public sealed class KillTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Random _random = new(20260314);
    private readonly ConcurrentDictionary<string, byte> _promised = new();
    private readonly List<Victim> _victims = [];

    private static int Rounds => Environment.GetEnvironmentVariable("BELLJAR_TEST_ALL") == "1" ? 60 : 3;

    [Fact]
    public async Task Recorder_KilledAgainAndAgain_LosesNothingThatWasPromised()
    {
        Start("producer", _folder["i.sock"], _folder["spool"], "8");
        for (var round = 0; round < Rounds; round++)
        {
            var recorder = await StartRecorderAsync();
            await PromisesAsync(_random.Next(50, 400));
            recorder.Kill();

            // Without a recorder promises go on, from the spool.
            await PromisesAsync(_random.Next(1, 100));
        }

        _victims[0].Kill();
        await CheckAsync();
    }

    [Fact]
    public async Task Producer_KilledAgainAndAgain_LosesNothingThatWasPromised()
    {
        await StartRecorderAsync();
        for (var round = 0; round < Rounds; round++)
        {
            var producer = Start("producer", _folder["i.sock"], _folder["spool"], "8");
            await PromisesAsync(_random.Next(1, 300));
            producer.Kill();
        }

        _victims[0].Kill();
        await CheckAsync();
    }

    [Fact]
    public async Task Both_KilledInTurn_TheNextStartTakesUpWhatIsLeft()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var producer = Start("producer", _folder["i.sock"], _folder["spool"], "8");
            await PromisesAsync(_random.Next(1, 100));
            var recorder = await StartRecorderAsync();
            await PromisesAsync(_random.Next(1, 200));
            (round % 2 == 0 ? producer : recorder).Kill();
            (round % 2 == 0 ? recorder : producer).Kill();
        }

        await CheckAsync();
    }

    public void Dispose()
    {
        _victims.ForEach(victim => victim.Kill());
        SqliteConnection.ClearAllPools();
        _folder.Dispose();
    }

    /// <summary>A recorder in this process takes in what the dead left behind, and the log is held against the promises.</summary>
    private async Task CheckAsync()
    {
        await using (var recorder = new Spool.Recorder(_folder, TimeProvider.System))
        {
            await recorder.RecoverAsync(_folder["spool"]);
        }

        using var reader = EventReader.Open(_folder["events.db"]);
        var stored = reader.Stream(new EventQuery(), CancellationToken.None).Select(e => e.Event.Id.ToString()).ToList();
        Assert.NotEmpty(_promised);
        Assert.Empty(_promised.Keys.Except(stored));
        Assert.Equal(stored.Count, stored.Distinct().Count());
        var verdict = AuditChain.Verify(reader, null, CancellationToken.None);
        Assert.Equal((true, stored.Count), (verdict.IsIntact, (int)verdict.Links));
        Assert.Empty(Directory.EnumerateFiles(_folder["spool"], "*.jsonl", SearchOption.AllDirectories));
    }

    private async Task<Victim> StartRecorderAsync()
    {
        var recorder = Start("recorder", _folder["events.db"], _folder["i.sock"]);
        await recorder.Ready.Task.WaitAsync(TimeSpan.FromSeconds(30));
        return recorder;
    }

    private async Task PromisesAsync(int count)
    {
        var wanted = _promised.Count + count;
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (_promised.Count < wanted)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, patience.Token);
        }
    }

    private Victim Start(params string[] arguments)
    {
        Directory.CreateDirectory(_folder["spool"]);
        var victim = new Victim(arguments, line => _promised[line] = 0);
        _victims.Add(victim);
        return victim;
    }

    private sealed class Victim
    {
        private readonly Process _process;
        private readonly Task _reading;
        private bool _killed;

        public Victim(string[] arguments, Action<string> promised)
        {
            var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, UseShellExecute = false };
            start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "Belljar.Store.Victim.dll"));
            Array.ForEach(arguments, start.ArgumentList.Add);
            _process = Process.Start(start)!;
            _reading = ReadAsync(promised);
        }

        public TaskCompletionSource Ready { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Kill()
        {
            if (_killed)
            {
                return;
            }

            _killed = true;
            _process.Kill();
            _process.WaitForExit();
            _reading.Wait();
            _process.Dispose();
        }

        private async Task ReadAsync(Action<string> promised)
        {
            while (await _process.StandardOutput.ReadLineAsync() is { } line)
            {
                if (line == "ready")
                {
                    Ready.SetResult();
                }
                else if (Guid.TryParseExact(line, "D", out var id))
                {
                    promised(id.ToString("D", CultureInfo.InvariantCulture));
                }
            }
        }
    }
}
