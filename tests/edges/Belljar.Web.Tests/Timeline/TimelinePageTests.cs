using System.Net;
using System.Text.RegularExpressions;
using Belljar.Contracts.Events;
using Belljar.Store.Events;

namespace Belljar.Web.Tests.Timeline;

public partial class TimelinePageTests
{
    [Fact]
    public async Task Page_ShowsTheNewestFirst_TwoHundredOfThem()
    {
        await using var console = await (await new TestConsole().StartAsync()).SignInAsync();
        console.Record.Add(Enumerable.Range(1, 250).Select(i => Samples.Denied($"host{i}.example")));

        var page = await console.TextAsync("/");

        Assert.Equal(Enumerable.Range(51, 200).Reverse(), Sequence(page));
        Assert.Contains("data-stream=\"/events/stream?after=250\"", page, StringComparison.Ordinal);
        Assert.Contains("href=\"/?before=51\"", page, StringComparison.Ordinal);

        var older = await console.TextAsync("/?before=51");
        Assert.Equal(Enumerable.Range(1, 50).Reverse(), Sequence(older));
        Assert.DoesNotContain("data-stream", older, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/?area=decoy", "decoy.", Severity.Info)]
    [InlineData("/?area=bottle", "bottle. sandbox.", Severity.Info)]
    [InlineData("/?area=system", "system. operator.", Severity.Info)]
    [InlineData("/?severity=warning", "", Severity.Warning)]
    [InlineData("/?severity=alert&area=gate", "gate.", Severity.Alert)]
    [InlineData("/?severity=nonsense&area=%3Cscript%3E", "", Severity.Info)]
    public async Task Links_Narrow(string path, string kinds, Severity least)
    {
        var shown = Samples.All("x").Where(e => e.Severity >= least && kinds.Split(' ').Any(prefix => e.Kind.StartsWith(prefix, StringComparison.Ordinal))).ToList();
        await using var console = await (await new TestConsole().StartAsync()).SignInAsync();
        console.Record.Add(Samples.All("x"));

        var page = await console.TextAsync(path);

        Assert.NotEmpty(shown);
        Assert.Equal(shown.Count, Sequence(page).Count());
        Assert.Equal(2, CurrentChip().Count(page));
        Assert.DoesNotContain("<script>", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NothingServed_LeadsAnywhereElse_AndNothingIsInline()
    {
        await using var console = await (await new TestConsole().StartAsync()).SignInAsync();
        console.Record.Add(Samples.All("x"));
        var served = new List<string> { await console.TextAsync("/"), await console.TextAsync("/nope") };
        foreach (var path in Assets.Paths)
        {
            served.Add(await console.TextAsync(path));
        }

        Assert.All(served, text =>
        {
            // The name of SVG's namespace is no address that anybody asks.
            var ours = text.Replace("xmlns=\"http://www.w3.org/2000/svg\"", "", StringComparison.Ordinal);
            Assert.DoesNotContain("://", ours, StringComparison.Ordinal);
            Assert.DoesNotMatch("(src|href|url)\\s*[=(]\\s*[\"']?//", ours);
            Assert.DoesNotContain("@import", ours, StringComparison.Ordinal);
        });
        Assert.All(served.Take(2), page =>
        {
            Assert.DoesNotMatch("<script(?![^>]*src=)", page);
            Assert.DoesNotMatch("<[^>]*\\s(style|on[a-z]+)\\s*=", page);
            Assert.DoesNotContain("<style", page, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task Record_ThatCannotBeRead_IsSaid()
    {
        await using var console = await (await new TestConsole().StartAsync()).SignInAsync();
        console.Record.Broken = "the disk <b>burns</b>";

        using var reply = await console.GetAsync("/");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, reply.StatusCode);
        Assert.Contains("the disk &lt;b&gt;burns", await reply.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task OverTheStore_ThePageWaitsForTheLog_AndThenShowsIt()
    {
        await using var console = await (await new TestConsole { OverTheStore = true }.StartAsync()).SignInAsync();
        using var tooEarly = await console.GetAsync("/");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, tooEarly.StatusCode);

        using var log = EventLog.Open(console.Paths.EventsDatabase, TimeProvider.System);
        var all = Samples.All("x");
        log.Append([.. all.Select(e => new ReceivedEvent(e with { Host = "here" }, new Sender(0, 1)))]);

        Assert.Equal(all.Count, Sequence(await console.TextAsync("/")).Count());
        Assert.Equal(4, Sequence(await console.TextAsync("/?area=bottle")).Count());
        Assert.Equal(all.Count(e => e.Severity >= Severity.Warning), Sequence(await console.TextAsync("/?severity=warning")).Count());
    }

    private static IEnumerable<int> Sequence(string page) => Row().Matches(page).Select(row => int.Parse(row.Groups[1].Value, null));

    [GeneratedRegex("data-seq=\"(\\d+)\"", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Row();

    [GeneratedRegex("aria-current", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex CurrentChip();
}
