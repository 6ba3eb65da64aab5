using System.Text;
using Belljar.Contracts.Wire;

namespace Belljar.Bus.Tests.UnixSocket;

public sealed class HostileClientTests : IAsyncDisposable
{
    private readonly ServedBroker _served = new();

    public ValueTask DisposeAsync() => _served.DisposeAsync();

    public static TheoryData<string> Malformed =>
    [
        "\n\0\0\0\0",
        " a\n\0\0\0\0",
        "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        "pub a\n\0\0\0\0",
        "PUB\n\0\0\0\0",
        "PUB \n\0\0\0\0",
        "PUB a b\n\0\0\0\0",
        "PUB a..b\n\0\0\0\0",
        "PUB a.*\n\0\0\0\0",
        "PUB a.>\n\0\0\0\0",
        "PUB a/b\n\0\0\0\0",
        "PUB a\n\0\u0010\0\u0001",
        "PUB a\n\u00ff\u00ff\u00ff\u00ff",
        "PUB a\0b\n\0\0\0\0",
        "PUB a\u00e9\n\0\0\0\0",
        "SUB\n\0\0\0\0",
        "SUB a.>.b\n\0\0\0\0",
        "SUB a*\n\0\0\0\0",
        "UNSUB\n\0\0\0\0",
        "UNSUB ..\n\0\0\0\0",
        "EVT a\n\0\0\0\0",
        "HELLO\n\0\0\0\0",
        "HELLO two words\n\0\0\0\0",
        "HELLO a\n\0\0\0\0HELLO a\n\0\0\0\0",
        "SUB a\n\0\0\0\0HELLO late\n\0\0\0\0",
        "HELLO " + new string('a', 65) + "\n\0\0\0\0",
        "PUB " + new string('a', 1025) + "\n\0\0\0\0",
        "PUB " + new string('a', 5000),
        new string('A', Frame.LongestHeader),
    ];

    [Theory]
    [MemberData(nameof(Malformed))]
    public async Task Frame_BreaksTheRules_DropsThatConnectionAndLogsOnce(string bytes)
    {
        using var healthy = _served.Raw();
        await healthy.SubscribeAsync("a.b");
        using var hostile = _served.Raw();

        await hostile.SendAsync(Encoding.Latin1.GetBytes(bytes));
        while (await hostile.ReadAsync() is { } echo)
        {
            Assert.Equal("SUB a ", echo);
        }

        await Wait.UntilAsync(() => _served.Log.Warnings.Any());
        Assert.StartsWith("Dropped bus client", Assert.Single(_served.Log.Warnings), StringComparison.Ordinal);
        await Wait.UntilAsync(() => _served.Broker.Statistics.Connections == 1);
        await healthy.SendAsync("PUB", "a.b", "{}");
        Assert.Equal("EVT a.b {}", await healthy.ReadAsync());
    }

    [Fact]
    public async Task Frame_CutAtEveryByte_IsServed()
    {
        using var client = _served.Raw();
        await client.SubscribeAsync("a.b");
        var frame = RawClient.Frame("PUB", "a.b", "{\"a\":1}");
        for (var cut = 1; cut < frame.Length; cut++)
        {
            await client.SendAsync(frame[..cut]);
            await client.SendAsync(frame[cut..]);
            Assert.Equal("EVT a.b {\"a\":1}", await client.ReadAsync());
        }
    }

    /// <summary>Whatever is thrown at it, those who behave are served, and nothing of the others stays.</summary>
    [Fact]
    public async Task Fuzz_RandomFrames_HarmNobodyElse()
    {
        var random = new Random(31337);
        await using var reader = _served.Client("reader");
        var subscription = await reader.SubscribeAsync("healthy.>", Wait.Deadline());
        for (var round = 0; round < (Scale.IsFull ? 5000 : 300); round++)
        {
            using (var hostile = _served.Raw())
            {
                await hostile.SendAsync(RandomBytes(random));
            }

            reader.Publish("healthy.still", "{}"u8);
            Assert.Equal("healthy.still", (await subscription.Messages.ReadAsync(Wait.Deadline())).Topic);
        }

        await Wait.UntilAsync(() => _served.Broker.Statistics is { Connections: 1, Subscriptions: 1 });
        Assert.DoesNotContain(_served.Log.Lines, line => line.Level > Microsoft.Extensions.Logging.LogLevel.Warning);
    }

    private static byte[] RandomBytes(Random random)
    {
        string[] verbs = ["HELLO", "PUB", "SUB", "UNSUB", "EVT", "BYE", "pub", ""];
        string[] names = ["a", "a.b", "a.*", "x.>", ">", "a..b", "", "%2A.c", new string('q', 900)];
        var bytes = new List<byte>();
        for (var i = random.Next(12); i >= 0; i--)
        {
            var verb = verbs[random.Next(verbs.Length)];
            var name = names[random.Next(names.Length)];
            bytes.AddRange(RawClient.Frame(verb, name, new string('b', random.Next(4) == 0 ? random.Next(5000) : 3)));
        }

        for (var i = random.Next(3); i > 0; i--)
        {
            bytes[random.Next(bytes.Count)] = (byte)random.Next(256);
        }

        return [.. bytes[..random.Next(1, bytes.Count)]];
    }
}
