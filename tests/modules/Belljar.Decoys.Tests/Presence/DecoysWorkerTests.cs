using System.Net;
using System.Net.Sockets;
using System.Text;
using Belljar.Contracts;
using Belljar.Contracts.Events;
using Belljar.Hosting;
using Belljar.Testing;

namespace Belljar.Decoys.Tests.Presence;

public class DecoysWorkerTests
{
    private const string TwoWebServers = """
        decoys:
          - {name: web-1, address: 127.77.11.1, services: [{id: http, port: 0, skin: nginx}]}
          - {name: web-2, address: 127.77.11.2, services: [{id: http, port: 0, skin: apache2}]}
        """;

    [Fact]
    public async Task Visitor_IsAnsweredAndRecorded()
    {
        await using var worker = await new TestWorker(TwoWebServers).StartAsync();

        var reply = await AskAsync(worker.Listeners[0], "GET /admin HTTP/1.1\r\nHost: a\r\nUser-Agent: probe\r\nConnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 404 Not Found\r\nServer: nginx/1.22.1\r\n", reply, StringComparison.Ordinal);
        Assert.Equal("decoy:http", worker.Listeners[0].Protocol);
        var connection = EventKinds.DecoyConnection.Read(Assert.Single(worker.Events.Of(EventKinds.DecoyConnection)));
        Assert.Equal(("http", "127.77.11.1"), (connection.Service, connection.LocalAddress));
        var request = Assert.Single(worker.Events.Requests);
        Assert.Equal(("GET", "/admin", 404), (request.Method, request.Target, request.Status));
        Assert.Contains(new HeaderField("User-Agent", "probe"), request.Headers);
    }

    [Fact]
    public async Task TwoDecoys_Differ_AndEachIsTheSameAfterARestart()
    {
        await using var worker = await new TestWorker("""
            decoys:
              - {name: web-1, address: 127.77.11.3, services: [{id: http, port: 0}]}
              - {name: web-2, address: 127.77.11.4, services: [{id: http, port: 0}]}
            """).StartAsync();
        const string Get = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
        var (first, second) = (await AskAsync(worker.Listeners[0], Get), await AskAsync(worker.Listeners[1], Get));

        Assert.StartsWith("HTTP/1.1 200 OK", first, StringComparison.Ordinal);
        Assert.NotEqual(Field(first, "ETag"), Field(second, "ETag"));
        Assert.NotEqual(Field(first, "Last-Modified"), Field(second, "Last-Modified"));
        Assert.NotEqual(Body(first), Body(second));

        await worker.StopAsync();
        await worker.StartAsync();
        var again = await AskAsync(worker.Listeners[^2], Get);
        Assert.Equal(Body(first), Body(again));
        Assert.Equal(Field(first, "ETag"), Field(again, "ETag"));
    }

    [Fact]
    public async Task AnAddressInUse_DegradesItsDecoyAlone_AndIsTriedAgain()
    {
        var clock = new ManualClock();
        using var blocker = ListenAddress.Bind(new IPEndPoint(IPAddress.Parse("127.77.11.5"), 0));
        var port = ((IPEndPoint)blocker.LocalEndPoint!).Port;
        await using var worker = await new TestWorker($$"""
            decoys:
              - {name: blocked, address: 127.77.11.5, services: [{id: http, port: {{port}}}]}
              - {name: free, address: 127.77.11.6, services: [{id: http, port: 0}]}
            """, clock).StartAsync();

        Assert.Equal(WorkerState.Degraded, worker.Health.Current.State);
        Assert.Contains("blocked", worker.Health.Current.Reason, StringComparison.Ordinal);
        Assert.Single(worker.Listeners);
        Assert.Equal(["degraded", "active"], List(worker).Select(decoy => decoy.State));

        blocker.Dispose();
        clock.Advance(TimeSpan.FromSeconds(30));
        await UntilAsync(() => worker.Health.Current.State is WorkerState.Ready);

        Assert.Equal(["active", "active"], List(worker).Select(decoy => decoy.State));
        var states = worker.Events.Of(EventKinds.DecoyState).Where(e => e.Decoy == "blocked").Select(EventKinds.DecoyState.Read).ToList();
        Assert.Equal([("degraded", null), ("active", "degraded")], states.Select(state => (state.State, state.Previous)));
    }

    [Fact]
    public async Task Stop_EndsTheConversationsAndSaysSo()
    {
        await using var worker = await new TestWorker(TwoWebServers).StartAsync();
        using var idle = await ConnectAsync(worker.Listeners[0]);

        await worker.StopAsync();

        Assert.True(await IsEndedAsync(idle));
        Assert.Equal(2, worker.Events.Of(EventKinds.DecoyState).Select(EventKinds.DecoyState.Read).Count(state => state.State is "stopped"));
        Assert.All(List(worker), decoy => Assert.Equal("stopped", decoy.State));
    }

    /// <summary>By an end, or by a reset where it still waited to be accepted.</summary>
    private static async Task<bool> IsEndedAsync(Socket connection)
    {
        try
        {
            return await connection.ReceiveAsync(new byte[1], TestContext.Current.CancellationToken) == 0;
        }
        catch (SocketException reset)
        {
            return reset.SocketErrorCode is SocketError.ConnectionReset;
        }
    }

    [Fact]
    public async Task List_SaysWhatEachClaimsAndWhereItReallyListens()
    {
        await using var worker = await new TestWorker(TwoWebServers).StartAsync();

        var service = Assert.Single(List(worker)[1].Services);

        Assert.Equal(("http", "tcp", "apache2", "2.4.71"), (service.Id, service.Transport, service.Product, service.Version));
        Assert.Equal(worker.Listeners[1].Address, service.Address);
    }

    [Fact]
    public async Task OneSource_GetsOnlySoManyConnections()
    {
        await using var worker = await new TestWorker(TwoWebServers) { Settings = new DecoysSettings("decoys.yaml", 10, 2) }.StartAsync();
        using var first = await ConnectAsync(worker.Listeners[0]);
        using var second = await ConnectAsync(worker.Listeners[0]);
        await UntilAsync(() => worker.Health.Current.Counters["connections_open"] == 2);

        using var third = await ConnectAsync(worker.Listeners[0]);

        Assert.Equal(0, await third.ReceiveAsync(new byte[1], TestContext.Current.CancellationToken));
        Assert.Equal(1, worker.Health.Current.Counters["connections_refused"]);
    }

    [Fact]
    public async Task FleetWithMistakes_IsRefusedWithAllOfThem()
    {
        await using var worker = new TestWorker("decoys: [{name: A, address: 10.0.0.1, services: [nope]}]");

        var refused = await Assert.ThrowsAsync<OperatorException>(worker.StartAsync);

        Assert.Contains("3 mistakes", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Curl_IsContent(int decoy)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/curl"), "curl is not installed (package curl)");
        await using var worker = await new TestWorker(TwoWebServers).StartAsync();

        var (exit, output) = await CurlAsync("-sS", "--compressed", "-i", $"http://{worker.Listeners[decoy].Address}/", $"http://{worker.Listeners[decoy].Address}/x");

        Assert.Equal(0, exit);
        Assert.Contains("Content-Encoding: gzip", output, StringComparison.Ordinal);
        Assert.Contains("<title>", output, StringComparison.Ordinal);
        Assert.Contains("404 Not Found", output, StringComparison.Ordinal);
        Assert.Single(worker.Events.Of(EventKinds.DecoyConnection));
    }

    private static IReadOnlyList<DecoyStatus> List(TestWorker worker) => DecoyList.Read(worker.Paths, worker.Settings, worker.Clock);

    private static async Task<Socket> ConnectAsync(BoundListener listener)
    {
        var endpoint = IPEndPoint.Parse(listener.Address);
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(endpoint, TestContext.Current.CancellationToken);
        return socket;
    }

    private static async Task<string> AskAsync(BoundListener listener, string request)
    {
        using var socket = await ConnectAsync(listener);
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream, Encoding.Latin1);
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }

    private static string Field(string reply, string name) => reply.Split("\r\n").First(line => line.StartsWith(name + ": ", StringComparison.Ordinal));

    private static string Body(string reply) => reply[(reply.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!condition())
        {
            deadline.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    [System.Diagnostics.CodeAnalysis.SuppressMessage("ApiDesign", "RS0030", Justification = "A real client is the point of the test.")]
    private static async Task<(int Exit, string Output)> CurlAsync(params string[] arguments)
    {
        var start = new System.Diagnostics.ProcessStartInfo("/usr/bin/curl", arguments) { RedirectStandardOutput = true, UseShellExecute = false };
        using var curl = System.Diagnostics.Process.Start(start)!;
        var output = await curl.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await curl.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (curl.ExitCode, output);
    }
}
