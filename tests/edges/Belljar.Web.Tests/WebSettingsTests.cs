using Belljar.Hosting.Settings;

namespace Belljar.Web.Tests;

public class WebSettingsTests
{
    [Theory]
    [InlineData(null, "127.0.0.1:7480")]
    [InlineData("[::1]:80", "[::1]:80")]
    public void Listen_HasADefaultOnLoopback(string? listen, string expected)
    {
        var loader = new SettingsLoader(new("section", WebSettings.Section));

        var settings = loader.LoadOrExplain(
            "/nonexistent", new Dictionary<string, string>(), listen is null ? [] : [new("web.listen", listen)]);

        Assert.Equal(expected, settings.Get(WebSettings.Section).Listen.ToString());
    }
}
