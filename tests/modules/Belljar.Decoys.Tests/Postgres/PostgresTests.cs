using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Belljar.Decoys.Logins;
using Belljar.Decoys.Postgres;
using Belljar.Decoys.Tests.Dialogues;
using Belljar.Decoys.Tests.Genuine;
using Belljar.Testing;

namespace Belljar.Decoys.Tests.Postgres;

public partial class PostgresTests
{
    private static readonly Dictionary<string, GenuineAnswer> Recorded = GenuineAnswer.Load("postgres");

    private static readonly DecoyIdentity Identity = new("db-1", "db-1", "seed");

    /// <summary>Kerberos was offered by the genuine one as built; here nobody has it, and libpq asks only where a ticket is.</summary>
    public static TheoryData<string> Probes => [.. Recorded.Keys.Where(name => !name.StartsWith("gss", StringComparison.Ordinal))];

    private static PostgresDialogue Begin(LoginPolicy? logins = null) =>
        new(new PostgresWorld(Identity, new ManualClock()), Identity, new LoginDoor(logins ?? LoginPolicy.Never).For(IPAddress.Loopback), hasTls: true);

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
    public void Salts_AreTheSameForAName_AndNoncesAreNot()
    {
        var sent = Recorded["final garbage"].Send;
        var (one, two) = (First().Match(Talk.Hold(Begin(), sent).Reply), First().Match(Talk.Hold(Begin(), sent).Reply));

        Assert.Equal(one.Groups["salt"].Value, two.Groups["salt"].Value);
        Assert.NotEqual(one.Groups["nonce"].Value, two.Groups["nonce"].Value);
    }

    [Fact]
    public void Md5_IsOfferedWhereAnyPasswordMayDo_AndQueriesAreAnswered()
    {
        var query = "Q\0\0\0\x15select version()\0";
        var talk = Talk.Hold(Begin(new LoginPolicy(null, ["postgres"], [])), Recorded["startup root"].Send[0], "p\0\0\0\x28md5" + new string('a', 32) + "\0", query);

        var attempt = Assert.Single(talk.Attempts);
        Assert.Equal(("postgres", "postgres_md5", true), (attempt.Principal, attempt.SecretKind, attempt.Allowed));
        Assert.Contains("PostgreSQL 15.20 (Debian", talk.Reply, StringComparison.Ordinal);
        Assert.Equal("select version()", Assert.Single(talk.Commands).Command);
        Assert.True(talk.IsOpen);
    }

    [Fact]
    public void Fuzz_NothingThrows() => Fuzz.Run(
        [.. Recorded.Values.Select(probe => Encoding.Latin1.GetBytes(string.Concat(probe.Send))).Where(bytes => bytes.Length > 0)],
        [.. new[] { "user\0joe\0", "\0\x03\0\0", "p\0\0\0\x05", "Q\0\0\0\x15select version()\0", "n,,n=,r=", "c=biws,r=" }.Select(Encoding.Latin1.GetBytes)],
        input => Talk.Hold(Begin(new LoginPolicy(null, ["joe"], [])), [input]));

    private static string Comparable(string reply) => First().Replace(reply, "FIRST");

    [GeneratedRegex("r=(?<nonce>[^,]+),s=(?<salt>[^,]+),i=4096", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex First();
}
