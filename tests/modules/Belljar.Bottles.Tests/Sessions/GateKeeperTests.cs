using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Belljar.Bottles.Sessions;
using Belljar.Contracts;
using Belljar.Contracts.Events;
using Belljar.Hosting;
using Belljar.Sandboxes.Processes;
using Belljar.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Belljar.Bottles.Tests.Sessions;

public sealed class GateKeeperTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Recorded _events = new();

    public GateKeeperTests()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
    }

    [Fact]
    public async Task Start_OfAGateThatSaysReady_HandsItTheConfigurationAndTheListener()
    {
        // The first line of the frame, its length, and the body; then proof that descriptor 3 is a socket.
        await using var keeper = Keeper("IFS= read -r line; echo \"$line\" > \"$0\"; readlink /proc/self/fd/3 >> \"$0\"; echo READY; cat > /dev/null");

        await keeper.StartAsync(CancellationToken.None);

        var told = await File.ReadAllLinesAsync(_folder["told"]);
        Assert.Equal("CONFIG", told[0]);
        Assert.StartsWith("socket:", told[1]);
        Assert.Equal("ready", Assert.Single(States()));
    }

    [Fact]
    public async Task Killed_Gate_IsStartedAgainAndThePortStaysOurs()
    {
        await using var keeper = Keeper("echo READY; cat > /dev/null");
        await keeper.StartAsync(CancellationToken.None);
        var first = keeper.Pid;

        Assert.Equal(0, (await ChildProcess.RunAsync(new ChildSpec("kill", "-9", $"{first}"), RunLimits.Default, CancellationToken.None)).ExitCode);
        await _events.UntilAsync(3);

        Assert.Equal(["ready", "lost", "ready"], States());
        Assert.NotEqual(first, keeper.Pid);
        using var intruder = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        Assert.Throws<SocketException>(() => intruder.Bind(_listener.LocalEndPoint!));
    }

    [Fact]
    public async Task Start_OfAGateThatEndsAtOnce_SaysWithWhichCode()
    {
        await using var keeper = Keeper("exit 9");

        var failure = await Assert.ThrowsAsync<OperatorException>(() => keeper.StartAsync(CancellationToken.None));

        Assert.Contains("code 9", failure.Message);
    }

    [Fact]
    public async Task Start_OfAGateThatSaysSomethingElse_IsRefused()
    {
        await using var keeper = Keeper("echo HELLO; cat > /dev/null");

        Assert.Contains("HELLO", (await Assert.ThrowsAsync<OperatorException>(() => keeper.StartAsync(CancellationToken.None))).Message);
    }

    [Fact]
    public async Task Dispose_EndsTheGateByTheEndOfItsInput()
    {
        var keeper = Keeper("echo READY; cat > /dev/null; echo finished > \"$0\"");
        await keeper.StartAsync(CancellationToken.None);

        await keeper.DisposeAsync();

        Assert.Equal("finished\n", await File.ReadAllTextAsync(_folder["told"]));
        Assert.False(Directory.Exists($"/proc/{keeper.Pid}"));
    }

    public void Dispose()
    {
        _listener.Dispose();
        _folder.Dispose();
        _events.Dispose();
    }

    private GateKeeper Keeper(string script) => new(
        new SessionSlug("dev-abcde"),
        [_listener],
        new GateLaunch(
            new ChildSpec("sh", "-c", script, _folder["told"]) { Environment = new Dictionary<string, string> { ["PATH"] = ProgramPath.Default } },
            "{\"x\":1}\n"u8.ToArray()),
        _events,
        TimeProvider.System,
        NullLogger.Instance);

    private List<string> States() => [.. _events.All.Select(e => EventKinds.GateState.Read(e).State)];

    private sealed class Recorded : IEventSink, IDisposable
    {
        private readonly ConcurrentQueue<BelljarEvent> _queue = new();
        private readonly SemaphoreSlim _arrived = new(0);

        public IReadOnlyList<BelljarEvent> All => [.. _queue];

        public async Task UntilAsync(int count)
        {
            while (_queue.Count < count)
            {
                Assert.True(await _arrived.WaitAsync(TimeSpan.FromSeconds(20)));
            }
        }

        public void Dispose() => _arrived.Dispose();

        public ValueTask RecordAsync(BelljarEvent e, CancellationToken ct)
        {
            Post(e);
            return ValueTask.CompletedTask;
        }

        public void Post(BelljarEvent e)
        {
            _queue.Enqueue(e);
            _arrived.Release();
        }
    }
}
