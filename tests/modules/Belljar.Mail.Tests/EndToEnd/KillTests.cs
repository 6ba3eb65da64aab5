using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Belljar.Sandboxes.Processes;
using Belljar.Testing;

namespace Belljar.Mail.Tests.EndToEnd;

/// <summary>The listener in a process of its own, killed at random moments while clients send.</summary>
public sealed class KillTests : IDisposable
{
    private const int Clients = 6;

    private readonly TemporaryFolder _home = new();

    [SuppressMessage("ApiDesign", "RS0030", Justification = "Tests have no Hosting to ask.")]
    private static int Rounds { get; } = Environment.GetEnvironmentVariable("BELLJAR_TEST_ALL") == "1" ? 30 : 3;

    public void Dispose() => _home.Dispose();

    [Fact]
    public async Task Kill_WhileMailArrives_LosesNothingAcknowledgedAndListsNoHalfFile()
    {
        var random = new Random(42);
        var acknowledged = new ConcurrentBag<string>();
        var tried = new ConcurrentDictionary<string, string>();
        for (var round = 0; round < Rounds; round++)
        {
            await using var victim = await StartVictimAsync();
            var enough = new SemaphoreSlim(0);
            var clients = Enumerable.Range(0, Clients)
                .Select(client => Task.Run(() => SendUntilItDiesAsync(victim.Address, $"{round}-{client}", acknowledged, tried, enough)))
                .ToList();

            using var dead = new CancellationTokenSource();
            var watcher = Task.Run(() => WatchAsync(dead.Token), CancellationToken.None);

            // The moment comes after a random number of acknowledgements, in the middle of whatever the others do.
            for (var i = random.Next(20, 120); i > 0; i--)
            {
                await enough.WaitAsync();
            }

            victim.Process.Send(Signal.Kill);
            await Task.WhenAll(clients);
            await dead.CancelAsync();
            await watcher;
            AssertAllThere("agent", acknowledged, tried);
            AssertAllThere("second", acknowledged.Where(IsForBoth), tried);
        }

        Assert.True(acknowledged.Count > Rounds * 20);
        await AssertRetriesAreStoredOnceAsync(tried);
    }

    /// <summary>Looks all the time while the victim writes: whatever shows is whole and has its original.</summary>
    private async Task WatchAsync(CancellationToken dead)
    {
        var reader = TestMail.Reader(_home["state/mail"]);
        while (!dead.IsCancellationRequested)
        {
            foreach (var message in reader.List("agent", limit: 5))
            {
                Assert.Null(message.Problem);
                var shown = reader.Show("agent", message.Id)!;
                Assert.NotNull(shown.RawPath);
                Assert.EndsWith("end", shown.Body.TrimEnd('\n'), StringComparison.Ordinal);
                Assert.Equal(message.Attachments, shown.AttachmentPaths.Count);
            }

            await Task.Yield();
        }
    }

    private static async Task SendUntilItDiesAsync(
        IPEndPoint address, string name, ConcurrentBag<string> acknowledged, ConcurrentDictionary<string, string> tried, SemaphoreSlim enough)
    {
        try
        {
            using var client = await LineClient.ConnectAsync(address);
            for (var i = 0; ; i++)
            {
                var id = $"{name}-{i}";
                var message = i % 5 == 4 ? WithAttachment(id) : TestMail.Message($"kill {id}", id, new string('x', 200 * (i % 30)) + "\nend\n");
                tried[id] = message;
                if (await client.DeliverAsync(Recipients(id), message))
                {
                    acknowledged.Add(id);
                    enough.Release();
                }
            }
        }
        catch (Exception died) when (died is IOException or SocketException)
        {
            // The connection broke: that message was not acknowledged.
        }
    }

    private static string WithAttachment(string id) =>
        $"From: a@b.test\nSubject: kill {id}\nMessage-ID: <{id}@example.org>\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"
        + "--b\nContent-Type: text/plain\n\nend\n--b\nContent-Type: application/octet-stream\nContent-Disposition: attachment; filename=f.bin\n\n"
        + new string('y', 5000) + "\n--b--\n";

    /// <summary>Every fourth message goes to two mailboxes: 250 means both.</summary>
    private static bool IsForBoth(string id) => int.Parse(id.Split('-')[^1], CultureInfo.InvariantCulture) % 4 == 1;

    private static string[] Recipients(string id) => IsForBoth(id) ? ["agent@mx.test", "second@mx.test"] : ["agent@mx.test"];

    /// <summary>Every file that is listed is whole, and every message that was acknowledged is listed, once.</summary>
    private void AssertAllThere(string mailbox, IEnumerable<string> acknowledged, ConcurrentDictionary<string, string> tried)
    {
        var reader = TestMail.Reader(_home["state/mail"]);
        var listed = reader.List(mailbox);
        var stored = new List<string>();
        foreach (var message in listed)
        {
            Assert.Null(message.Problem);
            var shown = reader.Show(mailbox, message.Id)!;
            var id = shown.Frontmatter.GetString("message_id")!.Split('@')[0];
            stored.Add(id);
            Assert.EndsWith("end\n", shown.Body.TrimEnd('\n') + '\n', StringComparison.Ordinal);
            Assert.Equal(message.Attachments, shown.AttachmentPaths.Count);
            Assert.EndsWith(tried[id].ReplaceLineEndings("\r\n") + "\r\n", File.ReadAllText(shown.RawPath!), StringComparison.Ordinal);
        }

        Assert.Equal(stored.Count, stored.Distinct().Count());
        Assert.Empty(acknowledged.Except(stored));
    }

    /// <summary>A sender that got no answer sends again: what was stored without an answer is not stored twice.</summary>
    private async Task AssertRetriesAreStoredOnceAsync(ConcurrentDictionary<string, string> tried)
    {
        await using var victim = await StartVictimAsync();
        using var client = await LineClient.ConnectAsync(victim.Address);
        foreach (var (id, message) in tried.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            Assert.True(await client.DeliverAsync(Recipients(id), message));
        }

        var reader = TestMail.Reader(_home["state/mail"]);
        Assert.Equal(tried.Count, reader.List("agent").Count);
        Assert.Equal(tried.Keys.Count(IsForBoth), reader.List("second").Count);

        // A raw message whose own was not named yet when the kill came stays behind, and is nobody's duplicate.
        Assert.All(reader.List("agent"), message => Assert.NotNull(reader.Show("agent", message.Id)!.RawPath));
    }

    private async Task<Victim> StartVictimAsync()
    {
        var dll = Path.Combine(AppContext.BaseDirectory, "Belljar.Mail.Victim.dll");
        var process = ChildProcess.Start(new ChildSpec(DotNet, dll, _home.Path) { Output = ChildStream.Pipe, Error = ChildStream.Inherit });
        using var output = new StreamReader(process.Output!, leaveOpen: true);
        return new Victim(process, IPEndPoint.Parse(await output.ReadLineAsync() ?? throw new InvalidOperationException("The victim did not start.")));
    }

    /// <summary>The runtime that runs this test: its folder is three above the base library's.</summary>
    private static string DotNet =>
        Path.GetFullPath(Path.Combine(System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory(), "../../../dotnet"));

    private sealed record Victim(ChildProcess Process, IPEndPoint Address) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Process.DisposeAsync();
    }
}
