using Belljar.Protocols.Http1;

namespace Belljar.Protocols.Tests.Http1;

public class RequestPathTests
{
    [Theory]
    [InlineData("/", "/")]
    [InlineData("/a/b?x=/../y", "/a/b?x=/../y")]
    [InlineData("/a/./b/../c", "/a/c")]
    [InlineData("/a//b///", "/a/b/")]
    [InlineData("/../../etc", "/etc")]
    [InlineData("/a/..", "/")]
    [InlineData("/a/b/..", "/a/")]
    [InlineData("/%61/%2e%2e/b", "/b")]
    [InlineData("/@scope%2fname", "/@scope%2Fname")]
    [InlineData("/100%25", "/100%25")]
    [InlineData("/a%20b", "/a%20b")]
    [InlineData("/...", "/...")]
    public void TryParse_GivesTheCanonicalForm(string text, string canonical)
    {
        Assert.True(RequestPath.TryParse(text, out var path));
        Assert.Equal(canonical, path.PathAndQuery);
        Assert.True(RequestPath.TryParse(path.PathAndQuery, out var again));
        Assert.Equal(canonical, again.PathAndQuery);
    }

    [Theory]
    [InlineData("/%")]
    [InlineData("/%4")]
    [InlineData("/%zz")]
    [InlineData("/%00")]
    [InlineData("/a%0d%0aX:%20y")]
    [InlineData("/%7f")]
    public void TryParse_MalformedOrControl_IsRefused(string text) => Assert.False(RequestPath.TryParse(text, out _));

    [Theory]
    [InlineData("/repos", true)]
    [InlineData("/repos/", true)]
    [InlineData("/repos/a/b?c", true)]
    [InlineData("/repos/@s%2fp", true)]
    [InlineData("/repos/a%20b", true)]
    [InlineData("/repos/%C3%A9", true)]
    [InlineData("/%72epos/x", true)]
    [InlineData("//repos/x", true)]
    [InlineData("/x/../repos", true)]
    [InlineData("/repository", false)]
    [InlineData("/Repos", false)]
    [InlineData("/repos/../admin", false)]
    [InlineData("/repos/%2e%2e/admin", false)]
    [InlineData("/repos/..%2fadmin", false)]
    [InlineData("/repos%2f..%2f..%2fadmin", false)]
    [InlineData("/repos/%252e%252e/admin", false)]
    [InlineData("/repos/%25252e%25252e%25252fadmin", false)]
    [InlineData("/repos/..%5cadmin", false)]
    [InlineData("/repos/..;/admin", false)]
    [InlineData("/repos/..;a=b/admin", false)]
    [InlineData("/repos/%2e%2e;x/admin", false)]
    [InlineData("/repos/..%3b/admin", false)]
    [InlineData("/repos/%c0%ae%c0%ae/admin", false)]
    [InlineData("/repos/%2500", false)]
    [InlineData("/repos/%252525252561", false)]
    [InlineData("/admin/..%2frepos", false)]
    [InlineData("/admin;/../repos", true)]
    [InlineData("/repos;x/a", false)]
    public void Allows_HoldsForEveryReading(string text, bool allows)
    {
        Assert.True(PathPrefix.TryParse("/repos", out var prefix));
        Assert.True(RequestPath.TryParse(text, out var path));
        Assert.Equal(allows, prefix.Allows(path));
    }

    [Fact]
    public void Allows_AFolder_IsOnlyWhatLiesBelow()
    {
        Assert.True(PathPrefix.TryParse("/v1/", out var folder));
        Assert.True(RequestPath.TryParse("/v1", out var itself));
        Assert.True(RequestPath.TryParse("/v1/x", out var below));

        Assert.Equal((false, true), (folder.Allows(itself), folder.Allows(below)));
    }

    [Theory]
    [InlineData("/a%20b", "/a%20b/c", true)]
    [InlineData("/", "/anything%2f..", true)]
    public void Allows_EncodedPrefixes(string prefix, string text, bool allows)
    {
        Assert.True(PathPrefix.TryParse(prefix, out var rule));
        Assert.True(RequestPath.TryParse(text, out var path));
        Assert.Equal(allows, rule.Allows(path));
    }

    [Theory]
    [InlineData("")]
    [InlineData("repos")]
    [InlineData("/a/../b")]
    [InlineData("/a//b")]
    [InlineData("/a?b")]
    [InlineData("/a b")]
    [InlineData("/%61")]
    [InlineData("/a;b")]
    public void TryParse_APrefixThatIsNotCanonical_IsRefused(string text) => Assert.False(PathPrefix.TryParse(text, out _));

    [Fact]
    public void Allows_RandomPaths_AgreesWithADecoderThatGoesOnUntilNothingChanges()
    {
        // An independent model of a server that gets the canonical path: decode to the end, slashes of both kinds, resolve dots. If the rule allows, the model is below too.
        Assert.True(PathPrefix.TryParse("/ok", out var prefix));
        var random = new Random(3986);
        var parts = new[] { "/", "..", ".", "%2e", "%2f", "%252e", "%252f", "%5c", "ok", "no", ";", "a", "%25", "%6f", "//", "%3b" };
        var allowed = 0;
        for (var round = 0; round < 50_000; round++)
        {
            var text = "/ok" + string.Concat(Enumerable.Range(0, random.Next(1, 9)).Select(_ => parts[random.Next(parts.Length)]));
            if (!RequestPath.TryParse(text, out var path) || !prefix.Allows(path))
            {
                continue;
            }

            allowed++;
            var model = path.Canonical;
            for (var i = 0; i < 12; i++)
            {
                model = Uri.UnescapeDataString(model);
            }

            var kept = new Stack<string>();
            foreach (var segment in model.Replace('\\', '/').Split('/').Select(segment => segment.Split(';')[0]))
            {
                if (segment is "..")
                {
                    kept.TryPop(out _);
                }
                else if (segment is not ("" or "."))
                {
                    kept.Push(segment);
                }
            }

            Assert.True(kept.LastOrDefault() == "ok", text);
        }

        Assert.InRange(allowed, 1000, 50_000);
    }
}
