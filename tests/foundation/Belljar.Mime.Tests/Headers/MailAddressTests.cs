using Belljar.Mime.Headers;

namespace Belljar.Mime.Tests.Headers;

public class MailAddressTests
{
    [Theory]
    [InlineData("Ann", "ann@a.example", "Ann <ann@a.example>")]
    [InlineData(null, "ann@a.example", "<ann@a.example>")]
    [InlineData("boss@bank.example", "evil@evil.example", "\"boss@bank.example\" <evil@evil.example>")]
    [InlineData("Boss\" <boss@bank.example>", "evil@evil.example", "\"Boss' <boss@bank.example>\" <evil@evil.example>")]
    [InlineData("Bo\u200Bss", "b\u200Boss@bank.example", "Bo[U+200B]ss <b[U+200B]oss@bank.example>")]
    [InlineData("\u202Etfel\u202C Boss", "a@a.example", "[U+202E]tfel[U+202C] Boss <a@a.example>")]
    [InlineData("Boss\r\n  \t Big", "a@a.example", "Boss Big <a@a.example>")]
    [InlineData("\u0000\u001b[31mred", "a@a.example", "[U+0000][U+001B][31mred <a@a.example>")]
    [InlineData("Boss", "boss@b\u0430nk.example", "Boss <boss@xn--bnk-6cd.example>")]
    [InlineData("Boss", "boss@b\u200Bank.example", "Boss <boss@b[U+200B]ank.example>")]
    [InlineData("Boss", "boss@\uFF42ank.example", "Boss <boss@[U+FF42]ank.example>")]
    [InlineData("Müller", "jörg@bücher.example", "Müller <jörg@xn--bcher-kva.example>")]
    [InlineData("a\u0301\u0301\u0301\u0301\u0301\u0301b", "a@a.example", "a\u0301\u0301\u0301\u0301b <a@a.example>")]
    public void ToDisplay_ShowsTheTrueAddressAndNothingUnseen(string? name, string address, string shown)
    {
        Assert.Equal(shown, new MailAddress(name, address).ToDisplay());
    }

    [Fact]
    public void ToDisplay_LongName_CannotPushTheAddressOutOfSight()
    {
        var shown = new MailAddress("Boss <boss@bank.example>" + new string('\u3000', 500) + new string('x', 500), "evil@evil.example").ToDisplay();

        Assert.True(shown.Length < 110);
        Assert.EndsWith("<evil@evil.example>", shown, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a@b")]
    [InlineData("a.b+c@d.example")]
    [InlineData("\"a b\\\"\"@d.example")]
    [InlineData("a@[192.0.2.1]")]
    [InlineData("a@[IPv6:2001:db8::1]")]
    [InlineData("jörg@bücher.example")]
    public void IsValid_WhatSmtpTakes(string address) => Assert.True(new MailAddress(null, address).IsValid);

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("@b")]
    [InlineData("a@")]
    [InlineData(".a@b")]
    [InlineData("a..b@c")]
    [InlineData("a b@c")]
    [InlineData("a@b@c")]
    [InlineData("\"a@c")]
    [InlineData("a@-b.example")]
    [InlineData("a@b..example")]
    [InlineData("a@[1.2]")]
    [InlineData("a@b\u202E.example")]
    [InlineData("a\u200B@b.example")]
    [InlineData("a@b.example\r\n")]
    public void IsValid_WhatSmtpDoesNotTake(string address) => Assert.False(new MailAddress(null, address).IsValid);

    [Theory]
    [InlineData("a@b.example", "a", "b.example")]
    [InlineData("\"x@y\"@b.example", "\"x@y\"", "b.example")]
    [InlineData("nobody", "nobody", "")]
    public void Parts_OfAnAddress(string address, string local, string domain)
    {
        var mailbox = new MailAddress(null, address);

        Assert.Equal((local, domain), (mailbox.LocalPart, mailbox.Domain));
    }

    [Theory]
    [InlineData("a@a.example, , b@b.example,", "a@a.example|b@b.example", false)]
    [InlineData("\"a\\\"@x\" <a@a.example>", "a@a.example", false)]
    [InlineData("<a@a.example", "a@a.example", true)]
    [InlineData("Ann a@a.example", "a@a.example", true)]
    [InlineData("\"a b\"@c.example", "\"a b\"@c.example", false)]
    [InlineData("a@[IPv6:2001:db8::1]", "a@[IPv6:2001:db8::1]", false)]
    [InlineData("<a@a.example> <b@b.example>", "a@a.example", true)]
    [InlineData("g:a@a.example;, b@b.example", "a@a.example|b@b.example", false)]
    [InlineData("x \"\"@b.example", "\"\"@b.example", true)]
    [InlineData("\"\" @b.example", "\"\"@b.example", false)]
    [InlineData("g:", "", false)]
    [InlineData("", "", false)]
    public void Parse_Lists(string text, string addresses, bool hasDefects)
    {
        var list = AddressList.Parse(text);

        Assert.Equal(addresses, string.Join('|', list.Select(mailbox => mailbox.Address)));
        Assert.Equal(hasDefects, list.HasDefects);
    }
}
