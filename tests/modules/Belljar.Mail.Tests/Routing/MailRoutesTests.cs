using Belljar.Mail.Routing;
using Belljar.Protocols.Smtp;

namespace Belljar.Mail.Tests.Routing;

public sealed class MailRoutesTests
{
    private static readonly MailRoutes Routes = new(new MailOptions
    {
        HostName = "mx.test",
        Domains = ["mx.test", "bücher.test", "rest.test"],
        Smtp = new SmtpOptions(),
        Mailboxes =
        [
            new MailboxOptions("agent", ["agent@mx.test", "größe@bücher.test"], TrustPolicy.None, null),
            new MailboxOptions("plus", ["agent+special@mx.test"], TrustPolicy.None, null),
            new MailboxOptions("rest", ["*@rest.test"], TrustPolicy.None, null),
            new MailboxOptions("boss", ["boss@rest.test", "postmaster@mx.test"], TrustPolicy.None, null),
        ],
    });

    [Theory]
    [InlineData("agent", "mx.test", "agent")]
    [InlineData("AGENT", "MX.Test", "agent")]
    [InlineData("agent+tag", "mx.test", "agent")]
    [InlineData("agent+tag+more", "mx.test", "agent")]
    [InlineData("Agent+Special", "mx.test", "plus")]
    [InlineData("größe", "bücher.test", "agent")]
    [InlineData("GRÖSSE", "bücher.test", null)]
    [InlineData("gro\u0308ße", "xn--bcher-kva.test", "agent")]
    [InlineData("boss", "rest.test", "boss")]
    [InlineData("boss+x", "rest.test", "boss")]
    [InlineData("anyone", "rest.test", "rest")]
    [InlineData("*", "rest.test", "rest")]
    [InlineData("Postmaster", "", "boss")]
    [InlineData("+agent", "mx.test", null)]
    [InlineData("nobody", "mx.test", null)]
    [InlineData("*", "mx.test", null)]
    public void Address_IsRouted(string localPart, string domain, string? mailbox)
    {
        var route = Routes.Find(new SmtpAddress(localPart, domain));
        Assert.Equal(mailbox, route.Mailbox?.Name);
        Assert.Equal(mailbox is null ? RouteKind.UnknownMailbox : RouteKind.Delivered, route.Kind);
    }

    [Theory]
    [InlineData("agent", "other.test")]
    [InlineData("agent", "sub.mx.test")]
    [InlineData("agent", "[127.0.0.1]")]
    [InlineData("agent@mx.test", "other.test")]
    public void Address_OfAnotherDomain_IsForeign(string localPart, string domain) =>
        Assert.Equal(RouteKind.ForeignDomain, Routes.Find(new SmtpAddress(localPart, domain)).Kind);
}
