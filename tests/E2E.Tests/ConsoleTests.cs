using System.Text.RegularExpressions;

namespace E2E.Tests;

public partial class ConsoleTests
{
    [Fact]
    public async Task Page_ShowsEverySlice_AndAsksNobodyElse()
    {
        Clients.Need("curl");
        Clients.Need("swaks");
        await using var home = new Home();
        await home.UpAsync();
        await Clients.RunAsync("swaks", "--server", await home.AddressAsync("smtp"), "--from", "s@example.net", "--to", "agent@agent.localhost", "--header", "Subject: <b>bold</b>");
        await Clients.RunAsync("curl", "-sS", $"http://{await home.AddressAsync("decoy:http")}/probe");
        await home.RunAsync("bottle", "run", "dev", "--", "curl", "-sS", "http://denied.example/");

        var page = await Clients.RunAsync("curl", "-sS", "-L", "-c", "/dev/null", Url(home));

        foreach (var seen in new[] { "s@example.net", "/probe", "denied.example", "&lt;b&gt;bold&lt;/b&gt;" })
        {
            Assert.Contains(seen, page.OutputText);
        }

        Assert.DoesNotContain("<b>bold", page.OutputText);
        Assert.DoesNotMatch(ElsewhereUrl(), page.OutputText);
    }

    [Fact]
    public async Task Page_WithoutTheTokenOrForAnotherHost_IsRefused()
    {
        Clients.Need("curl");
        await using var home = new Home();
        await home.UpAsync();
        var console = await home.AddressAsync("console");

        var stranger = await Clients.RunAsync("curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", $"http://{console}/");
        var rebound = await Clients.RunAsync("curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "-H", "Host: evil.example", Url(home));
        var headers = await Clients.RunAsync("curl", "-sS", "-L", "-c", "/dev/null", "-D", "-", "-o", "/dev/null", Url(home));

        Assert.Equal("401", stranger.OutputText);
        Assert.Contains(rebound.OutputText, new[] { "403", "421" });
        Assert.Contains("Content-Security-Policy: default-src 'none'", headers.OutputText, StringComparison.OrdinalIgnoreCase);
    }

    private static string Url(Home home) => TokenUrl().Match(home.UpOutput.ToString()).Value;

    [GeneratedRegex(@"http://[0-9.:]+/\?token=\S+", RegexOptions.None, 1000)]
    private static partial Regex TokenUrl();

    [GeneratedRegex(@"(src|href|action)=""(https?:)?//", RegexOptions.None, 1000)]
    private static partial Regex ElsewhereUrl();
}
