using Belljar.Mail.Authentication.Dmarc;

namespace Belljar.Mail.Tests.Authentication.Dmarc;

public sealed class PublicSuffixListTests
{
    private static readonly PublicSuffixList Rules = PublicSuffixList.Parse(["// comment", "", "com", "uk", "co.uk", "*.ck", "!www.ck", "公司.cn  trailing", "cn", "github.io"]);

    [Theory]
    [InlineData("com", "com")]
    [InlineData("example.com", "example.com")]
    [InlineData("A.B.Example.COM", "example.com")]
    [InlineData("co.uk", "co.uk")]
    [InlineData("a.b.co.uk", "b.co.uk")]
    [InlineData("a.b.uk", "b.uk")]
    [InlineData("x.y.z.ck", "y.z.ck")]
    [InlineData("z.ck", "z.ck")]
    [InlineData("a.www.ck", "www.ck")]
    [InlineData("www.ck", "www.ck")]
    [InlineData("a.b.xn--55qx5d.cn", "b.xn--55qx5d.cn")]
    [InlineData("a.me.github.io", "me.github.io")]
    [InlineData("a.b.unlisted", "b.unlisted")]
    [InlineData("localhost", "localhost")]
    public void OrganisationalDomain_IsTheSuffixAndALabel(string domain, string expected) =>
        Assert.Equal(expected, Rules.OrganisationalDomain(domain));

    [Fact]
    public void BuiltIn_KnowsTheCommonOnes()
    {
        Assert.Equal("example.co.uk", PublicSuffixList.BuiltIn.OrganisationalDomain("mail.example.co.uk"));
        Assert.Same(PublicSuffixList.BuiltIn, PublicSuffixList.Load("/nonexistent/list"));
    }

    [Fact]
    public void SystemList_IsRead()
    {
        Assert.SkipUnless(File.Exists(PublicSuffixList.SystemPath), "the package publicsuffix is not installed");
        var list = PublicSuffixList.Load();

        Assert.True(list.Count > 5000);
        Assert.Equal("b.kobe.jp", PublicSuffixList.Load().OrganisationalDomain("b.kobe.jp"));
        Assert.Equal("b.c.kobe.jp", list.OrganisationalDomain("a.b.c.kobe.jp"));
        Assert.Equal("city.kobe.jp", list.OrganisationalDomain("www.city.kobe.jp"));
    }
}
