using System.Collections.Concurrent;
using Belljar.Mail.Outgoing.Queue;
using Belljar.Mail.Storage;
using Belljar.Sandboxes.Processes;
using Belljar.Testing;

namespace Belljar.Mail.Tests.Outgoing;

/// <summary>The queue in a process of its own, killed at random moments while it accepts and sends.</summary>
public sealed class QueueKillTests : IDisposable
{
    private const int ConnectionsOfTheVictim = 4;

    private readonly TemporaryFolder _home = new();

    private static int Rounds => TestScale.IsAll ? 25 : 4;

    public void Dispose() => _home.Dispose();

    [Fact]
    public async Task Kill_WhileMailLeaves_LosesNothingAccepted_AndRepeatsOnlyWhatWasUnderWay()
    {
        await using var sink = new SinkServer();
        var random = new Random(7);
        var accepted = new ConcurrentQueue<string>();
        var tried = 0;
        for (var round = 0; round < Rounds; round++)
        {
            await using var victim = await StartAsync(sink.Port);
            var until = accepted.Count + random.Next(20, 120);
            var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var listening = Task.Run(async () =>
            {
                while (await victim.Output.ReadLineAsync() is { } line)
                {
                    Assert.StartsWith("ok ", line, StringComparison.Ordinal);
                    accepted.Enqueue(line[3..]);
                    if (accepted.Count >= until)
                    {
                        enough.TrySetResult();
                    }
                }
            });
            var talking = Task.Run(async () =>
            {
                try
                {
                    while (!enough.Task.IsCompleted)
                    {
                        await victim.Input.WriteLineAsync($"m{tried++}");
                        await victim.Input.FlushAsync();
                    }
                }
                catch (IOException)
                {
                    // It is dead.
                }
            });
            await enough.Task.WaitAsync(TimeSpan.FromSeconds(120));
            victim.Process.Send(Signal.Kill);
            await Task.WhenAll(listening, talking);
        }

        await using (await StartAsync(sink.Port))
        {
            using var queue = MailQueue.Open(_home.Path, TimeProvider.System);
            await OutgoingRig.UntilAsync(() => queue.All() is []);
        }

        var delivered = sink.Messages.Select(message => message.Text.Split("Subject: ")[1].Split('\r')[0]).ToList();
        Assert.Empty(accepted.Except(delivered));
        var repeated = delivered.Count - delivered.Distinct().Count();
        Assert.True(repeated <= ConnectionsOfTheVictim * Rounds, $"{repeated} repeated in {Rounds} kills");

        // The sender has one whole copy of each, and each says what became of it.
        var reader = TestMail.Reader(_home.Path);
        var copies = reader.List("agent", MailFolder.Sent, limit: int.MaxValue);
        Assert.Equal(delivered.Distinct().Order(), copies.Select(copy => copy.Subject).Order());
        Assert.All(copies, copy =>
        {
            var shown = reader.Show("agent", copy.Id, MailFolder.Sent)!;
            Assert.Equal("delivered", shown.Frontmatter.GetString("delivery_status"));
            Assert.EndsWith("end\n", shown.Body, StringComparison.Ordinal);
            Assert.NotNull(shown.RawPath);
        });
    }

    private async Task<Victim> StartAsync(int port)
    {
        var dll = Path.Combine(AppContext.BaseDirectory, "Belljar.Mail.Victim.dll");
        var process = ChildProcess.Start(new ChildSpec(DotNet, dll, "out", _home.Path, $"{port}")
        {
            Input = ChildStream.Pipe,
            Output = ChildStream.Pipe,
            Error = ChildStream.Inherit,
        });
        var victim = new Victim(process, new StreamWriter(process.Input!), new StreamReader(process.Output!));
        Assert.Equal("ready", await victim.Output.ReadLineAsync());
        return victim;
    }

    /// <summary>The runtime that runs this test: its folder is three above the base library's.</summary>
    private static string DotNet =>
        Path.GetFullPath(Path.Combine(System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory(), "../../../dotnet"));

    private sealed record Victim(ChildProcess Process, StreamWriter Input, StreamReader Output) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Process.DisposeAsync();
    }
}
