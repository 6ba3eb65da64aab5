using System.Text;
using Belljar.Decoys.Http;

namespace Belljar.Decoys.Tests;

public class DecoyIdentityTests
{
    [Fact]
    public void SameQuestion_HasTheSameAnswer_ForEver()
    {
        var identity = new DecoyIdentity("web-1", "web-1", "web-1");

        Assert.Equal(identity.Between("x", 0, 1_000_000), new DecoyIdentity("web-1", "web-1", "web-1").Between("x", 0, 1_000_000));

        // Written down: another answer after an update would be a decoy that changed its face.
        Assert.Equal(WrittenDown, identity.Between("x", 0, 1_000_000));
    }

    private const long WrittenDown = 106849;

    [Fact]
    public void NameAndSeed_AreNotInterchangeable()
    {
        Assert.NotEqual(
            new DecoyIdentity("ab", "h", "c").Between("x", 0, long.MaxValue - 1), new DecoyIdentity("b", "h", "ca").Between("x", 0, long.MaxValue - 1));
    }

    [Fact]
    public void Pages_OfAThousandDecoys_ShareNoTextNoTagAndNoWordOfTheProduct()
    {
        var pages = Enumerable.Range(0, 1000).Select(i => SitePage.Of(new DecoyIdentity($"web-{i}", $"web-{i}", $"web-{i}"), null)).ToList();

        Assert.Equal(1000, pages.Select(page => Encoding.ASCII.GetString(page.Html)).Distinct().Count());
        Assert.Equal(1000, pages.Select(page => page.Modified).Distinct().Count());
        Assert.All(pages, page => Assert.DoesNotContain("jar", Encoding.ASCII.GetString(page.Html), StringComparison.OrdinalIgnoreCase));
        Assert.All(pages, page => Assert.DoesNotContain("decoy", Encoding.ASCII.GetString(page.Html), StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void Title_OfTheOperator_IsEncoded()
    {
        var page = SitePage.Of(new DecoyIdentity("a", "a", "a"), "R&D <b>");

        Assert.Contains("R&amp;D &lt;b&gt;", Encoding.ASCII.GetString(page.Html), StringComparison.Ordinal);
    }
}
