using System.Text;
using Belljar.Contracts;
using Belljar.Contracts.Events;
using Belljar.Egress.Policy;
using Belljar.Egress.Secrets;
using Belljar.Manifest;
using Belljar.Protocols.Http1;

namespace Belljar.Egress.Tests.Policy;

public class RouteProposalTests
{
    private static readonly EgressDecision[] Run =
    [
        Seen("api.example", 443, "GET", "/repos/a"),
        Seen("api.example", 443, "POST", "/repos/b/pulls"),
        Seen("api.example", 443, "GET", "/user"),
        Seen("files.example", 8443, "GET", "/"),
        Seen("npm.example", 443, "GET", "/@scope%2Fname"),
        Seen("127.0.0.1", 9000, "GET", "/x"),
        Seen("denied.example", 443, "GET", "/x") with { Decision = Verdict.Deny, Rule = "address:private" },
    ];

    [Fact]
    public void TheSameRun_PassesUnderEnforcementByWhatIsProposed()
    {
        var errors = new SettingsErrors();
        var section = new SettingsReader(Yaml.Read("b.md", Encoding.UTF8.GetBytes(RouteProposal.ToYaml(RouteProposal.From(Run))), errors)!, "", errors).Section("egress");
        var table = new RouteTable(EgressSection.Read(section), new CredentialVault(TestGate.Secrets));

        Assert.Empty(errors);
        Assert.Equal(EgressMode.Enforce, table.Options.Mode);
        Assert.All(Run[..^1], seen =>
        {
            Assert.True(RequestPath.TryParse(seen.Path!, out var path));
            Assert.True(table.Decide(new Crossing(seen.Host, seen.Port, seen.Method, path)).IsAllowed, seen.ToString());
        });
    }

    [Theory]
    [InlineData("api.example", 443, "DELETE", "/repos/a")]
    [InlineData("api.example", 443, "GET", "/admin")]
    [InlineData("api.example", 8443, "GET", "/user")]
    [InlineData("denied.example", 443, "GET", "/x")]
    [InlineData("other.example", 443, "GET", "/")]
    public void WhatTheRunDidNotDo_IsNotAllowed(string host, int port, string method, string path)
    {
        var table = new RouteTable(new EgressOptions(EgressMode.Enforce, RouteProposal.From(Run)), new CredentialVault(TestGate.Secrets));

        Assert.True(RequestPath.TryParse(path, out var parsed));
        Assert.False(table.Decide(new Crossing(host, port, method, parsed)).IsAllowed);
    }

    [Fact]
    public void NothingSeen_ProposesNothing() => Assert.Equal("egress:\n  routes: []\n", RouteProposal.ToYaml(RouteProposal.From([])));

    private static EgressDecision Seen(string host, int port, string method, string path)
        => new(host, port, method, path, "93.184.216.34", Verdict.Allow, "learn:default-deny", "", 200, 0, 10, 1);
}
