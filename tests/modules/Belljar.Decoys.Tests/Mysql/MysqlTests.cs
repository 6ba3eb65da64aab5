using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Belljar.Decoys.Logins;
using Belljar.Decoys.Mysql;
using Belljar.Decoys.Tests.Dialogues;
using Belljar.Decoys.Tests.Genuine;
using Belljar.Testing;

namespace Belljar.Decoys.Tests.Mysql;

public partial class MysqlTests
{
    /// <summary>The genuine one's user root had a password, and no anonymous user was there: as the package leaves it.</summary>
    private static readonly Dictionary<string, GenuineAnswer> Recorded = GenuineAnswer.Load("mysql");

    private static readonly DecoyIdentity Identity = new("db-1", "db-1", "seed");

    public static TheoryData<string> Probes => [.. Recorded.Keys];

    private static MysqlDialogue Begin(LoginPolicy? logins = null) =>
        new(new MysqlWorld(Identity, new ManualClock()), new LoginDoor(logins ?? LoginPolicy.Never).For(IPAddress.Loopback), IPAddress.Loopback, 30);

    [Theory]
    [MemberData(nameof(Probes))]
    public void Answers_AreThoseOfTheGenuineOne(string probe)
    {
        var genuine = Recorded[probe];

        var talk = Talk.Hold(Begin(), genuine.Send);

        Assert.Equal(Comparable(genuine.Reply), Comparable(talk.Reply));
        Assert.Equal(genuine.IsOpen, talk.IsOpen);
    }

    [Fact]
    public void Response_IsRecordedAsCrackersTakeIt()
    {
        var talk = Talk.Hold(Begin(), Recorded["wrong"].Send);

        var attempt = Assert.Single(talk.Attempts);
        Assert.Equal(("root", "mysql_native_password", "mysql_native", false), (attempt.Principal, attempt.Mechanism, attempt.SecretKind, attempt.Allowed));
        Assert.Equal($"$mysqlna${Convert.ToHexStringLower(Encoding.Latin1.GetBytes(Salt(talk.Reply)))}*{string.Concat(Enumerable.Repeat("61", 20))}", attempt.Secret);
    }

    [Fact]
    public void Salts_Differ() => Assert.NotEqual(Salt(Talk.Hold(Begin()).Reply), Salt(Talk.Hold(Begin()).Reply));

    [Fact]
    public void WhoIsLetIn_FindsDatabases()
    {
        var login = Recorded["wrong"].Send[0];
        var talk = Talk.Hold(Begin(new LoginPolicy(null, ["root"], [])), login, "\x0f\0\0\0\x03show databases", "\x0e\0\0\0\x03select foo(x)", "\x01\0\0\0\x01");

        Assert.Contains("information_schema", talk.Reply, StringComparison.Ordinal);
        Assert.Contains("You have an error in your SQL syntax", talk.Reply, StringComparison.Ordinal);
        Assert.Equal([("show databases", "ok"), ("select foo(x)", "1064")], talk.Commands.Select(command => (command.Command, command.Outcome!)));
        Assert.False(talk.IsOpen);
    }

    [Fact]
    public void Fuzz_NothingThrows() => Fuzz.Run(
        [.. Recorded.Values.Select(probe => Encoding.Latin1.GetBytes(string.Concat(probe.Send))).Where(bytes => bytes.Length > 0)],
        [.. new[] { "\x0f\0\0\0\x03show databases", "\x05\0\0\0\x03", "select * from ", "\0\0\0", "\xff\xff\xff\0", "root\0" }.Select(Encoding.Latin1.GetBytes)],
        input => Talk.Hold(Begin(new LoginPolicy(null, ["root"], [])), [input]));

    private static string Salt(string reply) => Greeting().Match(reply) is { Success: true } match ? match.Groups[2].Value + match.Groups[3].Value : "";

    /// <summary>Without the connection's number and its salt.</summary>
    private static string Comparable(string reply)
    {
        var match = Greeting().Match(reply);
        Assert.True(match.Success);
        var rest = reply[match.Length..].Replace(match.Groups[2].Value + match.Groups[3].Value, "SALT", StringComparison.Ordinal);
        return match.Groups[1].Value[..^4] + match.Groups[4].Value + rest;
    }

    [GeneratedRegex(@"^(.{4}\x0a[^\0]*\0.{4})(.{8})\0.{18}(.{12})\0(mysql_native_password\0)", RegexOptions.Singleline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Greeting();
}
