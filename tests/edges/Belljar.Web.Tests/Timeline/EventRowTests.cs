using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Belljar.Contracts.Events;
using Belljar.Testing;
using Belljar.Web.Describe;
using Belljar.Web.Timeline;

namespace Belljar.Web.Tests.Timeline;

public partial class EventRowTests
{
    private static readonly string[] Attacks =
    [
        "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='alert(1)", "</pre></details></li><script>", "<!--", "]]>",
        "javascript:alert(1)", "&lt;script&gt;", "\u202e\u2066evil\u2069", "a\r\ndata: x\r\n\r\nevent: row", "\0\u001b]0;x\u0007", "\ud800", "{{7*7}}", "${7*7}",
        new string('<', 5000),
    ];

    public static TheoryData<string> HostileTexts => [.. Attacks];

    [Theory]
    [MemberData(nameof(HostileTexts))]
    public void HostileText_InEveryFieldOfEveryKind_StaysText(string attack)
    {
        foreach (var (hostile, harmless) in Samples.All(attack).Zip(Samples.All("x")))
        {
            var row = EventRow.Of(new TimelineEntry(7, hostile), TimeZoneInfo.Utc).ToString();

            // The row has exactly the tags that the harmless one has: nothing that was filled in became markup.
            Assert.Equal(Tags(EventRow.Of(new TimelineEntry(7, harmless), TimeZoneInfo.Utc).ToString()), Tags(row));
            Assert.DoesNotContain(row, c => char.IsControl(c) && c != '\n');
            Assert.DoesNotContain(row, c => CharUnicodeInfo.GetUnicodeCategory(c) is UnicodeCategory.Format);
        }
    }

    [Fact]
    public void HostileKind_AndDataOfAnotherShape_AreNamed()
    {
        var data = JsonSerializer.Deserialize<JsonElement>("[1, \"<b>\"]");
        var known = Samples.Denied("x") with { Data = data };
        var unknown = Samples.Denied("x") with { Kind = "<script>.x", Data = data };

        Assert.Contains("another shape", EventRow.Of(new TimelineEntry(1, known), TimeZoneInfo.Utc).ToString(), StringComparison.Ordinal);
        var row = EventRow.Of(new TimelineEntry(1, unknown), TimeZoneInfo.Utc).ToString();
        Assert.Contains("&lt;script&gt;.x", row, StringComparison.Ordinal);
        Assert.Contains("class=\"event system notice\"", row, StringComparison.Ordinal);
    }

    [Fact]
    public void EveryKind_HasASentenceOfItsOwn()
    {
        Assert.Equal(EventKinds.All.Names.Order(), EventDescribers.All.Names.Order());
        Assert.Equal(EventKinds.All.Names.Order(), Samples.All("x").Select(e => e.Kind).Order());
        Assert.All(Samples.All("x"), e => Assert.DoesNotContain("was recorded", EventDescribers.Sentence(e).ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public void Denial_ReadsAsAStory() => Assert.Equal(
        "gate of dev-abcde denied CONNECT evil.example:443: no route names this host (default-deny)",
        Text(EventDescribers.Sentence(Samples.Denied("evil.example")).ToString()));

    [Fact]
    public void Visit_ReadsAsAStory()
    {
        var request = new DecoyRequest("http", "192.0.2.7", 40000, "GET", "/wp-login.php", [], null, 404);
        var visit = EventKinds.DecoyRequest.At(new ManualClock(), request) with { Decoy = "intranet" };

        Assert.Equal("192.0.2.7 asked intranet for GET /wp-login.php, answered 404", Text(EventDescribers.Sentence(visit).ToString()));
    }

    [Fact]
    public void Login_ReadsAsAStory_WithoutTheSecret()
    {
        var attempt = new DecoyAuthAttempt("ftp", "192.0.2.7", 40000, "admin", "PASS", "password", "hunter2", Allowed: false);
        var sentence = Text(EventDescribers.Sentence(EventKinds.DecoyAuthAttempt.At(new ManualClock(), attempt) with { Decoy = "intranet" }).ToString());

        Assert.Equal("192.0.2.7 tried ftp of intranet as admin by PASS and was turned away", sentence);
    }

    [Fact]
    public void Time_IsTheOperatorsOwn_WithTheExactOneBehindIt()
    {
        var zone = TimeZoneInfo.CreateCustomTimeZone("t", TimeSpan.FromHours(5.5), "t", "t");

        var row = EventRow.Of(new TimelineEntry(1, Samples.Denied("x")), zone).ToString();

        Assert.Contains("datetime=\"2026-03-14T09:26:53.000Z\"", row, StringComparison.Ordinal);
        Assert.Contains(">14:56:53</span>", row, StringComparison.Ordinal);
    }

    private static string Tags(string html) => string.Concat(Tag().Matches(html).Select(match => match.Value));

    private static string Text(string html) => Tag().Replace(html, "");

    [GeneratedRegex("<[^>]*>", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Tag();
}
