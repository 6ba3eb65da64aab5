using System.Net;
using System.Net.Sockets;
using System.Text;
using Belljar.Contracts;
using Belljar.Contracts.Events;
using Belljar.Egress.Gate;
using Belljar.Egress.Policy;
using Belljar.Egress.Secrets;

namespace Belljar.Egress.Tests.Gate;

public sealed class ForwardTests : IAsyncDisposable
{
    private const int Port = 5432;
    private static readonly EgressForward Database = new(Port, "db.example", 5432);

    private readonly TestServer _echo = new(EchoAsync);

    public ValueTask DisposeAsync() => _echo.DisposeAsync();

    [Fact]
    public async Task ADoor_LeadsToItsPlace_AndIsOneEvent()
    {
        await using var gate = Gate(Database);

        Assert.Equal("hello", await TalkAsync(gate, "hello"));

        var told = await gate.Events.NextAsync();
        Assert.Equal(("db.example", 5432, "FORWARD", Verdict.Allow, "forward:5432"), (told.Host, told.Port, told.Method, told.Decision, told.Rule));
        Assert.Equal((5, 5, TestGate.PublicAddress), (told.BytesUp, told.BytesDown, told.Address));
    }

    [Theory]
    [InlineData("10.1.2.3", "address:private")]
    [InlineData("127.0.0.1", "address:loopback")]
    [InlineData("169.254.169.254", "address:metadata")]
    public async Task ADoor_ToAnAddressThatIsNotPublic_IsReset(string address, string rule)
    {
        await using var gate = Gate(Database);
        gate.Resolver.Names["db.example"] = [IPAddress.Parse(address)];

        await IsResetAsync(gate, "hello");

        Assert.Equal((Verdict.Deny, rule), await DecisionAsync(gate));
        Assert.Empty(gate.Dialler.Dialled);
    }

    [Fact]
    public async Task ADoor_ToAPrivateAddressThatIsNamed_Leads()
    {
        await using var gate = Gate(Database with { SsrfIpAllowlist = ["10.1.0.0/16"] });
        gate.Resolver.Names["db.example"] = [IPAddress.Parse("10.1.2.3")];

        Assert.Equal("hello", await TalkAsync(gate, "hello"));
    }

    [Fact]
    public async Task ADoor_IsResolvedOnceAndDialledAsItWasJudged()
    {
        await using var gate = Gate(Database);
        gate.Resolver.InTurn.Enqueue([IPAddress.Parse(TestGate.PublicAddress)]);
        gate.Resolver.InTurn.Enqueue([IPAddress.Loopback]);

        Assert.Equal("hello", await TalkAsync(gate, "hello"));

        Assert.Equal([new IPEndPoint(IPAddress.Parse(TestGate.PublicAddress), 5432)], gate.Dialler.Dialled);
    }

    [Fact]
    public async Task ADoor_SpendsItsBudgetAndNoMore()
    {
        await using var gate = Gate(Database with { Budget = 10 });

        Assert.Equal("hello", await TalkAsync(gate, "hello"));
        await IsResetAsync(gate, "much too long");

        Assert.Equal((Verdict.Allow, "forward:5432"), await DecisionAsync(gate));
        Assert.Equal((Verdict.Deny, "budget"), await DecisionAsync(gate));
    }

    [Fact]
    public async Task AValueThatIsKnown_DoesNotPassADoor()
    {
        await using var gate = Gate(Database);

        await IsResetAsync(gate, "insert into t values ('placeholder-0123456789')");

        var rung = await gate.Events.NextEventAsync();
        Assert.Equal("forward", EventKinds.EgressCanary.Read(rung).Place);
        Assert.Equal((Verdict.Deny, "planted-value"), await DecisionAsync(gate));
    }

    [Fact]
    public async Task AfterAChange_AnotherPlaceIsReached_AndWhatIsUnderWayIsNotCut()
    {
        await using var other = new TestServer(async stream => await stream.WriteAsync("other"u8.ToArray()));
        await using var gate = Gate(Database);
        using var underWay = await gate.ConnectToDoorAsync();
        await underWay.SendAsync("a"u8.ToArray());
        Assert.Equal("a", await ReadAsync(underWay, 1));

        gate.Replace(Options(new EgressForward(Port, "localhost", other.Port)));

        using var second = await gate.ConnectToDoorAsync();
        Assert.Equal("other", await ReadAsync(second, 5));
        await underWay.SendAsync("b"u8.ToArray());
        Assert.Equal("b", await ReadAsync(underWay, 1));
    }

    [Fact]
    public async Task ADoorThatIsNotDeclaredAnyMore_IsReset()
    {
        await using var gate = Gate(Database);

        gate.Replace(EgressOptions.DenyAll);

        await IsResetAsync(gate, "hello");
        Assert.Equal((Verdict.Deny, "forward:5432"), await DecisionAsync(gate));
    }

    [Fact]
    public async Task Doors_AreListedInside()
    {
        await using var gate = Gate(Database);

        var listed = await gate.SendAsync("GET http://belljar.internal/routes HTTP/1.1\r\nHost: belljar.internal\r\n\r\n");

        Assert.Contains("\"forwards\":[{\"listen\":5432,\"to\":\"db.example:5432\"}]", listed.Body);
    }

    [Fact]
    public async Task TheGateThatStops_DoesNotWaitForADoor()
    {
        await using var gate = Gate(Database);
        using var open = await gate.ConnectToDoorAsync();
        await open.SendAsync("a"u8.ToArray());
        Assert.Equal("a", await ReadAsync(open, 1));

        await gate.StopAsync();

        Assert.Equal("forward:5432", (await gate.Events.NextAsync()).Rule);
    }

    private TestGate Gate(EgressForward forward)
    {
        var gate = new TestGate(Options(forward), secrets: TestGate.Secrets with { Credentials = [new Credential("token_ref DB", "r3al-s3cret-value-1", "placeholder-0123456789")] });
        gate.OpenDoor(Port);
        gate.Resolver.Names["db.example"] = [IPAddress.Parse(TestGate.PublicAddress)];
        gate.Dialler.Default = _echo.Address;
        return gate;
    }

    private static EgressOptions Options(EgressForward forward) => new(EgressMode.Enforce, []) { Forwards = [forward] };

    private static async Task<(Verdict Verdict, string Rule)> DecisionAsync(TestGate gate)
    {
        var told = await gate.Events.NextAsync();
        return (told.Decision, told.Rule);
    }

    private static async Task<string> TalkAsync(TestGate gate, string text)
    {
        using var socket = await gate.ConnectToDoorAsync();
        await socket.SendAsync(Encoding.ASCII.GetBytes(text));
        var said = await ReadAsync(socket, text.Length);
        socket.Shutdown(SocketShutdown.Send);
        Assert.Equal("", await ReadAsync(socket, 1));
        return said;
    }

    /// <summary>The connection ends, and nothing came over it.</summary>
    private static async Task IsResetAsync(TestGate gate, string text)
    {
        try
        {
            using var socket = await gate.ConnectToDoorAsync();
            await socket.SendAsync(Encoding.ASCII.GetBytes(text));
            Assert.Equal("", await ReadAsync(socket, 1));
        }
        catch (SocketException reset)
        {
            Assert.True(reset.SocketErrorCode is SocketError.ConnectionReset or SocketError.Shutdown, $"{reset.SocketErrorCode}");
        }
    }

    private static async Task<string> ReadAsync(Socket socket, int count)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var buffer = new byte[count];
        var length = 0;
        while (length < count)
        {
            var read = await socket.ReceiveAsync(buffer.AsMemory(length), patience.Token);
            if (read == 0)
            {
                break;
            }

            length += read;
        }

        return Encoding.ASCII.GetString(buffer, 0, length);
    }

    private static async Task EchoAsync(Stream stream)
    {
        var buffer = new byte[4096];
        while (await stream.ReadAsync(buffer) is > 0 and var count)
        {
            await stream.WriteAsync(buffer.AsMemory(0, count));
        }
    }
}
