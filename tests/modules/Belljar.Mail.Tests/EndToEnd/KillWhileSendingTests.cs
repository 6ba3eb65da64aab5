using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using Belljar.Hosting;
using Belljar.Mail.Outgoing.Queue;
using Belljar.Mail.Storage;
using Belljar.Mail.Tests.LocalSocket;
using Belljar.Mail.Tests.Outgoing;
using Belljar.Sandboxes.Processes;
using Belljar.Testing;

namespace Belljar.Mail.Tests.EndToEnd;

/// <summary>
/// The whole worker, killed at random moments while several clients send over its socket. Who got no answer asks again with the
/// same key after the restart, as a careful client does.
/// </summary>
public sealed class KillWhileSendingTests : IDisposable
{
    private const int Clients = 4;

    /// <summary>To one smarthost, so that so many messages may be under way at a kill.</summary>
    private const int ConnectionsOfTheVictim = 4;

    private readonly TemporaryFolder _home = new();

    private static int Rounds => TestScale.IsAll ? 25 : 3;

    public void Dispose() => _home.Dispose();

    [Fact]
    public async Task Kill_WhileClientsSend_LosesNothing_AndAKeySendsOnce()
    {
        await using var sink = new SinkServer();
        var random = new Random(21);
        var accepted = new ConcurrentQueue<string>();
        for (var round = 0; round < Rounds; round++)
        {
            await using var victim = await StartAsync(sink.Port);
            var until = accepted.Count + random.Next(10, 60);
            var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var clients = Enumerable.Range(0, Clients).Select(client => Task.Run(() => SendUntilItDiesAsync($"{round}-{client}", accepted, until, enough))).ToList();
            await enough.Task.WaitAsync(TimeSpan.FromSeconds(120));
            victim.Send(Signal.Kill);
            var unanswered = await Task.WhenAll(clients);

            await using var next = await StartAsync(sink.Port);
            foreach (var subject in unanswered)
            {
                Assert.StartsWith("AIMX/1 OK <", await LocalMail.AskAsync(Socket, Frame(subject)), StringComparison.Ordinal);
                accepted.Enqueue(subject);
            }

            next.Send(Signal.Kill);
        }

        await using (await StartAsync(sink.Port))
        {
            using var queue = MailQueue.Open(BelljarPaths.At(_home.Path).MailData, TimeProvider.System);
            await OutgoingRig.UntilAsync(() => queue.All() is []);
        }

        var delivered = sink.Messages.Select(message => message.Text.Split("Subject: ")[1].Split('\r')[0]).ToList();
        Assert.Equal(accepted.Order(StringComparer.Ordinal), delivered.Distinct().Order(StringComparer.Ordinal));
        var repeated = delivered.Count - delivered.Distinct().Count();
        Assert.True(repeated <= ConnectionsOfTheVictim * Rounds * 2, $"{repeated} repeated in {Rounds * 2} kills");
        var copies = TestMail.Reader(BelljarPaths.At(_home.Path).MailData).List("agent", MailFolder.Sent, limit: int.MaxValue);
        Assert.Equal(accepted.Order(StringComparer.Ordinal), copies.Select(copy => copy.Subject).Order(StringComparer.Ordinal));
    }

    private string Socket => BelljarPaths.At(_home.Path).MailSocket;

    /// <returns>What was sent last, and not answered.</returns>
    private async Task<string> SendUntilItDiesAsync(string name, ConcurrentQueue<string> accepted, int until, TaskCompletionSource enough)
    {
        for (var n = 0; ; n++)
        {
            var subject = $"m{name}-{n}";
            string reply;
            try
            {
                reply = await LocalMail.AskAsync(Socket, Frame(subject));
            }
            catch (SocketException)
            {
                return subject;
            }

            if (reply.Length == 0)
            {
                return subject;
            }

            Assert.StartsWith("AIMX/1 OK <", reply, StringComparison.Ordinal);
            accepted.Enqueue(subject);
            if (accepted.Count >= until)
            {
                enough.TrySetResult();
            }
        }
    }

    private static byte[] Frame(string subject)
    {
        var letter = $"From: agent@mx.test\nTo: bob@b.example\nSubject: {subject}\n\n{new string('x', 900)}\n";
        return Encoding.UTF8.GetBytes($"AIMX/1 SEND\nContent-Length: {letter.Length}\nText-Only: true\nIdempotency-Key: {subject}\n\n{letter}");
    }

    private async Task<ChildProcess> StartAsync(int port)
    {
        var dll = Path.Combine(AppContext.BaseDirectory, "Belljar.Mail.Victim.dll");
        var runtime = Path.GetFullPath(Path.Combine(System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory(), "../../../dotnet"));
        var process = ChildProcess.Start(new ChildSpec(runtime, dll, "worker", _home.Path, $"{port}") { Output = ChildStream.Pipe, Error = ChildStream.Inherit });
        using var output = new StreamReader(process.Output!, leaveOpen: true);
        Assert.NotNull(await output.ReadLineAsync());
        return process;
    }
}
