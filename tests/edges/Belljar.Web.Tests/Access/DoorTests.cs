using System.Net;

namespace Belljar.Web.Tests.Access;

public class DoorTests
{
    [Fact]
    public async Task Token_OpensTheConsole_AndLeavesTheAddressBar()
    {
        await using var console = await new TestConsole().StartAsync();

        using var first = await console.Browser.GetAsync(console.TokenUrl, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.SeeOther, first.StatusCode);
        Assert.Equal("/", first.Headers.Location!.ToString());
        var cookie = Assert.Single(first.Headers.GetValues("Set-Cookie"));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("path=/", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(Token(console), cookie, StringComparison.Ordinal);

        await console.SignInAsync();
        using var second = await console.GetAsync("/");
        Assert.Equal(HttpStatusCode.OK, second.StatusCode);
        Assert.DoesNotContain(Token(console), await second.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/?token=")]
    [InlineData("/?token=wrong")]
    [InlineData("/assets/console.css")]
    [InlineData("/events/stream")]
    [InlineData("/anything")]
    public async Task WithoutTheToken_EverythingIsLocked_AndSaysHowToOpenIt(string path)
    {
        await using var console = await new TestConsole().StartAsync();
        console.Record.Add(Samples.Denied("evil.example"));

        using var reply = await console.GetAsync(path, request => request.Headers.Add("Cookie", "console_1=x"));
        var text = await reply.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Unauthorized, reply.StatusCode);
        Assert.Contains("belljar status", text, StringComparison.Ordinal);
        Assert.DoesNotContain("evil", text, StringComparison.Ordinal);
        Assert.False(reply.Headers.Contains("Set-Cookie"));
    }

    [Fact]
    public async Task Token_OpensOnlyTheFirstPage_AndIsNoCookie()
    {
        await using var console = await new TestConsole().StartAsync();
        var port = console.Authority.Split(':')[1];

        using var asset = await console.GetAsync($"/assets/console.css?token={Token(console)}");
        using var cookie = await console.GetAsync("/", request => request.Headers.Add("Cookie", $"console_{port}={Token(console)}"));
        using var twice = await console.GetAsync($"/?token={Token(console)}&token=x");

        Assert.All([asset, cookie, twice], reply => Assert.Equal(HttpStatusCode.Unauthorized, reply.StatusCode));
    }

    [Theory]
    [InlineData("evil.example")]
    [InlineData("evil.example:{port}")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:1")]
    [InlineData("127.0.0.2:{port}")]
    [InlineData("localhost")]
    [InlineData("localhost.evil.example:{port}")]
    [InlineData("127.0.0.1.evil.example:{port}")]
    public async Task AnotherName_IsMisdirected_EvenWithTheToken(string host)
    {
        await using var console = await (await new TestConsole().StartAsync()).SignInAsync();
        host = host.Replace("{port}", console.Authority.Split(':')[1], StringComparison.Ordinal);

        using var page = await console.GetAsync("/", request => request.Headers.Host = host);
        using var withToken = await console.GetAsync($"/?token={Token(console)}", request => request.Headers.Host = host);

        Assert.Equal(HttpStatusCode.MisdirectedRequest, page.StatusCode);
        Assert.Equal(HttpStatusCode.MisdirectedRequest, withToken.StatusCode);
        Assert.False(withToken.Headers.Contains("Set-Cookie"));
    }

    [Fact]
    public async Task Localhost_IsItsOwnName()
    {
        await using var console = await (await new TestConsole().StartAsync()).SignInAsync();

        using var reply = await console.GetAsync("/", request => request.Headers.Host = $"localhost:{console.Authority.Split(':')[1]}");

        Assert.Equal(HttpStatusCode.OK, reply.StatusCode);
    }

    [Fact]
    public async Task Writing_FromAnotherSite_IsForbidden_AndFromOurOwnThereIsNothingToWrite()
    {
        await using var console = await (await new TestConsole().StartAsync()).SignInAsync();

        using var without = await console.SendAsync(HttpMethod.Post, "/");
        using var other = await console.SendAsync(HttpMethod.Post, "/", request => request.Headers.Add("Origin", "http://evil.example"));
        using var opaque = await console.SendAsync(HttpMethod.Delete, "/", request => request.Headers.Add("Origin", "null"));
        using var own = await console.SendAsync(HttpMethod.Post, "/", request => request.Headers.Add("Origin", $"http://{console.Authority}"));

        Assert.All([without, other, opaque], reply => Assert.Equal(HttpStatusCode.Forbidden, reply.StatusCode));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, own.StatusCode);
    }

    [Fact]
    public async Task EveryAnswer_CarriesTheHeaders()
    {
        await using var console = await new TestConsole().StartAsync();
        using var locked = await console.GetAsync("/");
        using var redirect = await console.Browser.GetAsync(console.TokenUrl, TestContext.Current.CancellationToken);
        using var misdirected = await console.GetAsync("/", request => request.Headers.Host = "evil.example");
        await console.SignInAsync();
        using var page = await console.GetAsync("/");
        using var asset = await console.GetAsync("/assets/console.js");
        using var stream = await console.GetAsync("/events/stream");
        using var missing = await console.GetAsync("/nope");

        Assert.All([locked, redirect, misdirected, page, asset, stream, missing], reply =>
        {
            Assert.Equal(
                "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
                Assert.Single(reply.Headers.GetValues("Content-Security-Policy")));
            Assert.Equal("nosniff", Assert.Single(reply.Headers.GetValues("X-Content-Type-Options")));
            Assert.Equal("no-referrer", Assert.Single(reply.Headers.GetValues("Referrer-Policy")));
            Assert.Equal("same-origin", Assert.Single(reply.Headers.GetValues("Cross-Origin-Opener-Policy")));
            Assert.Equal("same-origin", Assert.Single(reply.Headers.GetValues("Cross-Origin-Resource-Policy")));
            Assert.Equal("no-store", Assert.Single(reply.Headers.GetValues("Cache-Control")));
            Assert.False(reply.Headers.Contains("Server"));
        });
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
    }

    [Fact]
    public async Task Token_IsNeverLogged()
    {
        await using var console = await (await new TestConsole().StartAsync()).SignInAsync();
        await console.TextAsync($"/?token={Token(console)}");
        await console.TextAsync($"/nope?token={Token(console)}");
        await console.StopAsync();

        Assert.DoesNotContain(console.Log.Lines, line => line.Contains(Token(console), StringComparison.Ordinal));
    }

    private static string Token(TestConsole console) => console.TokenUrl.Split("token=")[1];
}
