using Belljar.Sandboxes.Processes;

namespace E2E.Tests;

/// <summary>A run that is watched, the list that is proposed for it, and the same run under that list.</summary>
public class LearningTests
{
    // The names are the machine's own: a route has to name them, or their address is refused in every mode.
    private const string Routes = "routes: [{host: shop.localhost, ports: [1], methods: [HEAD]}, {host: news.localhost, ports: [1], methods: [HEAD]}]";

    [Fact]
    public async Task Bottle_TheProposedList_LetsTheSameRunPass_AndNothingElse()
    {
        Clients.Need("runc");
        Clients.Need("curl");
        await using var home = new Home();
        await home.UpAsync();
        await using var shop = new SecureWeb();
        await using var news = new Web("news");
        File.WriteAllText(home["upstream.pem"], shop.CertificatePem);
        Write($"mode: learn\n  {Routes}");
        var run = $"for x in '-X GET https://shop.localhost:{shop.Port}/items/1' '-X POST https://shop.localhost:{shop.Port}/orders' '-X GET http://news.localhost:{news.Port}/today?page=2'; do curl -sS --noproxy '' -o /dev/null -w '%{{http_code}} ' $x; done";

        Assert.Equal("200 200 200 ", (await InsideAsync(run)).OutputText);
        var slug = (await home.JsonAsync("bottle", "list", "--json")).EnumerateArray().Single().GetProperty("slug").GetString()!;
        await Clients.UntilAsync(() => home.EventsAsync("gate.egress.decision"), events => events.Count == 3, "three decisions");
        var proposed = await home.RunAsync("bottle", "learn", slug);

        Assert.Equal(
            $"""
            egress:
              routes:
                - host: news.localhost
                  ports: [{news.Port}]
                  methods: [GET]
                  path_allowlist: [/today]
                - host: shop.localhost
                  ports: [{shop.Port}]
                  methods: [GET, POST]
                  path_allowlist: [/items, /orders]

            """,
            proposed.OutputText);
        Write(proposed.OutputText["egress:\n  ".Length..]);
        Assert.Equal("200 200 200 ", (await InsideAsync(run)).OutputText);
        var beyond = await InsideAsync(
            $"for x in '-X DELETE https://shop.localhost:{shop.Port}/orders' https://shop.localhost:{shop.Port}/admin http://other.localhost/; do curl -sS --noproxy '' -o /dev/null -w '%{{http_code}} ' $x; done");
        Assert.Equal("403 403 403 ", beyond.OutputText);

        void Write(string section) => File.WriteAllText(home["bottles/dev.md"], $"---\negress:\n  upstream_ca: [{home["upstream.pem"]}]\n  {section}\n---\n");
        Task<RunResult> InsideAsync(string script) => home.RunAsync("bottle", "run", "dev", "--", "sh", "-c", script);
    }

    [Fact]
    public async Task EgressRun_LearnsFromItsEvents_AndAuditSaysWhatWouldBeDenied()
    {
        Clients.Need("curl");
        await using var home = new Home();
        await using var news = new Web("news");
        var bottle = home["dev.md"];
        await File.WriteAllTextAsync(bottle, $"---\negress:\n  mode: audit\n  {Routes}\n---\n");
        await using var gate = home.Start("egress", "run", "--bottle", bottle, "--listen", "127.0.0.1:0", "--ca-out", home["ca.pem"], "--events", home["events.jsonl"]);
        using var output = new StreamReader(gate.Output!);
        var address = (await output.ReadLineAsync())!["listening on ".Length..];
        Assert.Equal("ready", await output.ReadLineAsync());

        var fetched = await Clients.RunAsync("curl", "-sS", "--noproxy", "", "--proxy", $"http://{address}", $"http://news.localhost:{news.Port}/today");
        gate.Send(Signal.Terminate);
        Assert.Equal(0, await gate.Exited.WaitAsync(TimeSpan.FromSeconds(30)));

        Assert.Equal("news", fetched.OutputText);
        var events = await File.ReadAllTextAsync(home["events.jsonl"]);
        Assert.Contains("\"rule\":\"audit:route:news.localhost\"", events);
        Assert.Contains("would be denied", events);
        Assert.Contains("path_allowlist: [/today]", (await home.RunAsync("egress", "learn", home["events.jsonl"])).OutputText);
    }
}
