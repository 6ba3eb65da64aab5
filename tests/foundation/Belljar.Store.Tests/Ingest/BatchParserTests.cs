using System.Buffers;
using System.Text;
using System.Text.Json;
using Belljar.Contracts;
using Belljar.Contracts.Events;
using Belljar.Store.Events;
using Belljar.Store.Ingest;
using Belljar.Testing;

namespace Belljar.Store.Tests.Ingest;

public class BatchParserTests
{
    private static readonly ManualClock Clock = new();
    private static readonly BatchParser Parser = new("here");

    [Fact]
    public void TryParse_Lines_StampsSenderAndMissingHost()
    {
        Assert.True(Parse(Json(Sample.Mail(Clock) with { Host = null }) + "\n\n" + Json(Sample.Decision(Clock)), null, out var events, out _));

        Assert.Equal(["here", "box"], events.Select(received => received.Event.Host));
        Assert.All(events, received => Assert.Equal(Sample.Me, received.Sender));
    }

    [Fact]
    public void TryParse_SenderHeldToARule_DoesNotNameTheMachine()
    {
        Assert.True(Parse(Json(Sample.Decision(Clock)), IngestRule.Gates, out var events, out _));

        Assert.Equal("here", Assert.Single(events).Event.Host);
    }

    [Fact]
    public void TryParse_SenderInTheData_IsIgnored()
    {
        var line = Json(Sample.Mail(Clock)).Replace("{\"id\"", "{\"sender_uid\":0,\"seq\":1,\"id\"");

        Assert.True(Parse(line, null, out var events, out _));
        Assert.Equal(Sample.Me, Assert.Single(events).Sender);
    }

    public static TheoryData<string, string> Refused => new()
    {
        { "{", "not an event in JSON" },
        { "null", "not an event in JSON" },
        { "[]", "not an event in JSON" },
        { "{}", "not an event in JSON" },
        { Json(Sample.Mail(Clock)) + "x", "not an event in JSON" },
        { Json(Sample.Mail(Clock)) + Json(Sample.Mail(Clock)), "not an event in JSON" },
        { Mail("\"kind\":\"mail.received\"", "\"kind\":\"mail.none\""), "no such kind" },
        { Mail("\"kind\":\"mail.received\"", "\"kind\":null"), "no such kind" },
        { Mail("\"severity\":\"info\"", "\"severity\":7"), "not an event in JSON" },
        { Mail("\"mailbox\":\"agent@example.org\",", ""), "names its mailbox" },
        { Mail("agent@example.org", ""), "1 to 256 characters" },
        { Mail("agent@example.org", "a\\u0000b"), "1 to 256 characters" },
        { Mail("agent@example.org", new string('a', 257)), "1 to 256 characters" },
        { Mail("agent@example.org", "\\ud800"), "not an event in JSON" },
        { Mail("\"size_bytes\":2048", "\"size_bytes\":\"many\""), "not of the shape" },
        { Mail("\"subject\":", "\"subject\":1,\"x\":"), "not of the shape" },
        { Mail("2026-03-14T09:26:53", "2026-13-14T09:26:53"), "not an event in JSON" },
        { Json(Sample.Mail(Clock) with { Id = Guid.Parse("6ba7b810-9dad-11d1-80b4-00c04fd430c8") }), "not a UUIDv7" },
        { Json(Sample.Mail(Clock) with { Data = JsonElement.Parse("[1]") }), "not an object" },
        { Json(Sample.Mail(Clock) with { Data = JsonElement.Parse($"{{\"x\":\"{new string('x', IngestProtocol.LongestEvent)}\"}}") }), "at most 65536 bytes" },
        { Mail("\"data\":{", "\"data\":{\"x\":" + new string('[', 100) + new string(']', 100) + ","), "not an event in JSON" },
    };

    [Theory]
    [MemberData(nameof(Refused), DisableDiscoveryEnumeration = true)]
    public void TryParse_WhatCanNeverBeStored_SaysWhy(string line, string reason)
    {
        Assert.False(Parse(Json(Sample.Decision(Clock)) + "\n" + line, null, out _, out var given));

        Assert.StartsWith("line 2: ", given);
        Assert.Contains(reason, given);
    }

    [Fact]
    public void TryParse_KindOutsideTheRule_IsRefusedByTheParsedValue()
    {
        var twice = Json(Sample.Mail(Clock)).Replace("\"kind\":", "\"kind\":\"gate.egress.decision\",\"kind\":");

        Assert.False(Parse(twice, IngestRule.Gates, out _, out var reason));
        Assert.Contains("may only send 'gate.>'", reason);
    }

    [Fact]
    public void TryParse_CutAtEveryByte_NeverThrowsAndOnlyTheWholeIsTaken()
    {
        var whole = Encoding.UTF8.GetBytes(Json(Sample.Mail(Clock)));
        for (var cut = 1; cut < whole.Length; cut++)
        {
            Assert.False(Parser.TryParse(new ReadOnlySequence<byte>(whole, 0, cut), Sample.Me, null, out _, out var reason), $"cut at {cut}");
            Assert.NotEmpty(reason);
        }

        Assert.True(Parser.TryParse(new ReadOnlySequence<byte>(whole), Sample.Me, null, out _, out _));
    }

    [Fact]
    public void TryParse_RandomDamage_IsAnAnswerAndNeverAnException()
    {
        var random = new Random(20260314);
        var whole = Encoding.UTF8.GetBytes(Json(Sample.Mail(Clock)) + "\n" + Json(Sample.Decision(Clock)));
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = (byte[])whole.Clone();
            for (var i = random.Next(1, 6); i > 0; i--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            if (Parser.TryParse(new ReadOnlySequence<byte>(bytes), Sample.Me, null, out var events, out _))
            {
                Assert.All(events, received => Assert.NotNull(EventKinds.All.Find(received.Event.Kind)));
            }
        }
    }

    private static bool Parse(string lines, IngestRule? rule, out List<ReceivedEvent> events, out string reason) =>
        Parser.TryParse(new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(lines)), Sample.Me, rule, out events, out reason);

    private static string Mail(string from, string to)
    {
        var json = Json(Sample.Mail(Clock));
        Assert.Contains(from, json);
        return json.Replace(from, to);
    }

    private static string Json(BelljarEvent e) => JsonSerializer.Serialize(e, ContractsJson.Default.BelljarEvent);
}
