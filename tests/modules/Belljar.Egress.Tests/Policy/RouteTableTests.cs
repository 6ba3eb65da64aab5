using System.Net;
using Belljar.Contracts;
using Belljar.Egress.Policy;
using Belljar.Egress.Secrets;
using Belljar.Protocols.Http1;

namespace Belljar.Egress.Tests.Policy;

public class RouteTableTests
{
    private static readonly CredentialVault Vault = new(TestGate.Secrets);

    private static readonly EgressRoute[] Routes =
    [
        EgressRoute.To("api.example"),
        EgressRoute.To("*.wild.example"),
        EgressRoute.To("*.deep.wild.example") with { Methods = ["GET"] },
        EgressRoute.To("ports.example") with { Ports = [8443] },
        EgressRoute.To("paths.example") with { PathAllowlist = ["/repos"] },
        EgressRoute.To("127.0.0.1"),
        EgressRoute.To("localhost"),
    ];

    [Theory]
    [InlineData("api.example", 80, "GET", "/", "route:api.example", true)]
    [InlineData("api.example", 443, "GET", "/", "route:api.example", true)]
    [InlineData("api.example", 8080, "GET", "/", "route:api.example", false)]
    [InlineData("api.example", 22, "GET", "/", "port-22", false)]
    [InlineData("API.example.evil", 80, "GET", "/", "default-deny", false)]
    [InlineData("xapi.example", 80, "GET", "/", "default-deny", false)]
    [InlineData("sub.api.example", 80, "GET", "/", "default-deny", false)]
    [InlineData("a.wild.example", 80, "GET", "/", "route:*.wild.example", true)]
    [InlineData("a.b.wild.example", 80, "GET", "/", "route:*.wild.example", true)]
    [InlineData("wild.example", 80, "GET", "/", "default-deny", false)]
    [InlineData("notwild.example", 80, "GET", "/", "default-deny", false)]
    [InlineData("a.deep.wild.example", 80, "POST", "/", "route:*.deep.wild.example", false)]
    [InlineData("a.deep.wild.example", 80, "get", "/", "route:*.deep.wild.example", false)]
    [InlineData("ports.example", 8443, "GET", "/", "route:ports.example", true)]
    [InlineData("ports.example", 443, "GET", "/", "route:ports.example", false)]
    [InlineData("paths.example", 80, "GET", "/repos/x", "route:paths.example", true)]
    [InlineData("paths.example", 80, "GET", "/repos/..%2fadmin", "route:paths.example", false)]
    [InlineData("api.example.", 80, "GET", "/", "host-spelling", false)]
    [InlineData("127.1", 80, "GET", "/", "host-spelling", false)]
    [InlineData("::ffff:127.0.0.1", 80, "GET", "/", "default-deny", false)]
    [InlineData("127.0.0.2", 80, "GET", "/", "default-deny", false)]
    public void Decide_FindsTheRouteAndJudges(string host, int port, string method, string path, string rule, bool isAllowed)
    {
        Assert.True(RequestPath.TryParse(path, out var parsed));

        var decision = new RouteTable(new EgressOptions(EgressMode.Enforce, Routes), Vault).Decide(new Crossing(host, port, method, parsed));

        Assert.Equal((rule, isAllowed), (decision.Rule, decision.IsAllowed));
    }

    [Theory]
    [InlineData("api.example", 443, true)]
    [InlineData("paths.example", 443, true)]
    [InlineData("a.deep.wild.example", 443, true)]
    [InlineData("paths.example", 8443, false)]
    [InlineData("elsewhere.example", 443, false)]
    public void Decide_ATunnel_IsJudgedByHostAndPort(string host, int port, bool isAllowed)
        => Assert.Equal(isAllowed, new RouteTable(new EgressOptions(EgressMode.Enforce, Routes), Vault)
            .Decide(new Crossing(host, port, "CONNECT", null)).IsAllowed);

    [Fact]
    public void ATableOfARouteThatWouldHideItsOwnRules_IsRefused()
        => Assert.Throws<ArgumentException>(() => new RouteTable(new EgressOptions(EgressMode.Enforce,
            [EgressRoute.To("a.example") with { Methods = ["GET"], Tls = RouteTls.Passthrough }]), Vault));

    [Theory]
    [InlineData("elsewhere.example", 80, Verdict.Allow, "audit:default-deny")]
    [InlineData("api.example", 8080, Verdict.Allow, "audit:route:api.example")]
    [InlineData("api.example", 22, Verdict.Deny, "port-22")]
    [InlineData("127.1", 80, Verdict.Deny, "host-spelling")]
    public void Decide_InAudit_LetsPassWhatRoutesWouldDeny(string host, int port, Verdict verdict, string rule)
    {
        var decision = new RouteTable(new EgressOptions(EgressMode.Audit, Routes), Vault).Decide(new Crossing(host, port, "CONNECT", null));

        Assert.Equal((verdict, rule), (decision.Verdict, decision.Rule));
    }

    [Theory]
    [InlineData("localhost", "127.0.0.1", true)]
    [InlineData("127.0.0.1", "127.0.0.1", true)]
    [InlineData("127.0.0.1", "127.0.0.2", false)]
    [InlineData("api.example", "127.0.0.1", false)]
    [InlineData("nowhere.example", "127.0.0.1", false)]
    public void AllowedNetworks_AreThoseThatTheRouteNames(string host, string address, bool isNamed)
        => Assert.Equal(isNamed, new RouteTable(new EgressOptions(EgressMode.Enforce, Routes), Vault)
            .PolicyFor(host).Networks.Any(network => network.Contains(IPAddress.Parse(address))));

    [Fact]
    public void AllowedNetworks_OfAWildcardOverLocalhost_AreNone()
        => Assert.Empty(new RouteTable(new EgressOptions(EgressMode.Enforce, [EgressRoute.To("*.localhost")]), Vault).PolicyFor("a.localhost").Networks);
}
