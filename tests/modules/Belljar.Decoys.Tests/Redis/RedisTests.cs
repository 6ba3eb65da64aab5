using System.Net;
using Belljar.Decoys.Logins;
using Belljar.Decoys.Redis;
using Belljar.Decoys.Tests.Dialogues;
using Belljar.Decoys.Tests.Genuine;
using Belljar.Testing;

namespace Belljar.Decoys.Tests.Redis;

public class RedisTests
{
    private static readonly Dictionary<string, GenuineAnswer> Recorded = GenuineAnswer.Load("redis");

    private static readonly DecoyIdentity Identity = new("cache-1", "cache-1", "seed");

    public static TheoryData<string> Probes => [.. Recorded.Keys];

    private static RedisDialogue Begin(bool isProtected = false, LoginPolicy? logins = null, DecoyIdentity? identity = null) => new(
        new RedisInstance(identity ?? Identity, new ManualClock(), isProtected), new LoginDoor(logins ?? LoginPolicy.Never).For(IPAddress.Loopback), 6379);

    [Theory]
    [MemberData(nameof(Probes))]
    public void Answers_AreThoseOfTheGenuineOne(string probe)
    {
        var genuine = Recorded[probe];

        var talk = Talk.Hold(Begin(), genuine.Send);

        Assert.Equal(genuine.Reply, talk.Reply);
        Assert.Equal(genuine.IsOpen, talk.IsOpen);
    }

    [Fact]
    public void Commands_AreReportedWithWhatCameOfThem()
    {
        var talk = Talk.Hold(Begin(), "CONFIG SET dir /var/spool/cron/\r\nSET x \"\\n* * * * * sh\\n\"\r\n");

        Assert.Equal("CONFIG SET dir /var/spool/cron/", talk.Commands[0].Command);
        Assert.StartsWith("-ERR CONFIG SET failed", talk.Commands[0].Outcome, StringComparison.Ordinal);
        Assert.Equal(("SET x \n* * * * * sh\n", "+OK"), (talk.Commands[1].Command, talk.Commands[1].Outcome));
    }

    [Fact]
    public void Protected_AsksForAPassword_AndReportsIt()
    {
        var talk = Talk.Hold(Begin(isProtected: true), "KEYS *\r\n", "AUTH wrong\r\n", "HELLO 3 AUTH admin other\r\n", "FOO\r\n");

        Assert.StartsWith("-NOAUTH Authentication required.\r\n-WRONGPASS invalid", talk.Reply, StringComparison.Ordinal);
        Assert.Contains("unknown command 'FOO'", talk.Reply, StringComparison.Ordinal);
        Assert.Equal([("default", "wrong", false), ("admin", "other", false)], talk.Attempts.Select(attempt => (attempt.Principal, attempt.Secret!, attempt.Allowed)));
    }

    [Fact]
    public void Protected_LetsInWhomThePolicyLetsIn()
    {
        var talk = Talk.Hold(Begin(isProtected: true, new LoginPolicy(null, [], [new LoginAccount("default", "planted")])), "AUTH planted\r\n", "GET stats:logins\r\n");

        Assert.StartsWith("+OK\r\n$", talk.Reply, StringComparison.Ordinal);
        Assert.True(talk.Attempts[0].Allowed);
    }

    [Fact]
    public void Info_IsOnesOwnAndStable()
    {
        string Ask(string name) => Talk.Hold(Begin(identity: new DecoyIdentity(name, name, name)), "INFO\r\n").Reply;

        Assert.Contains("redis_version:7.0.15\r\n", Ask("a"), StringComparison.Ordinal);
        Assert.Equal(Ask("a"), Ask("a"));
        Assert.NotEqual(RunId(Ask("a")), RunId(Ask("b")));
        static string RunId(string info) => info.Split("\r\n").Single(line => line.StartsWith("run_id:", StringComparison.Ordinal));
    }

    [Fact]
    public void Commands_CutAnywhere_AreAnsweredTheSame() => Talk.SameHoweverItIsCut(
        () => Begin(), "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$2\r\nb\n\r\nPING \"x y\"\r\n*2\r\n$3\r\nGET\r\n$1\r\na\r\nMULTI\nPING\nEXEC\n*1\r\n$4\r\nQUIT\r\n");

    [Fact]
    public void Memory_IsBounded()
    {
        var instance = new RedisInstance(Identity, new ManualClock(), isProtected: false);
        var client = new RedisClient();
        var last = "";
        for (var i = 0; i < 10_000 && last is not RespText.OutOfMemory; i++)
        {
            last = instance.Do("set", ["set", $"k{i}", new string('x', 5000)], client);
        }

        Assert.Equal(RespText.OutOfMemory, last);
    }

    [Fact]
    public void Fuzz_NothingThrows() => Fuzz.Run(
        [.. Recorded.Values.Select(probe => System.Text.Encoding.Latin1.GetBytes(string.Concat(probe.Send))).Where(bytes => bytes.Length is > 0 and < 1000)],
        [.. new[] { "*", "$", "\r\n", "-1", "2147483648", "\"", "\\x4", "MULTI", "EXEC", "LRANGE", "HSET", "LPUSH", "INCRBY", "9223372036854775807" }.Select(System.Text.Encoding.Latin1.GetBytes)],
        input => Talk.Hold(Begin(), [input]));
}
