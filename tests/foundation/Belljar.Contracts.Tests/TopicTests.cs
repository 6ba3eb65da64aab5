using Belljar.Contracts.Events;
using Belljar.Testing;

namespace Belljar.Contracts.Tests;

public class TopicTests
{
    [Theory]
    [InlineData("agent", "agent")]
    [InlineData("a.b@c", "a%2Eb%40c")]
    [InlineData("*", "%2A")]
    [InlineData("50%", "50%25")]
    [InlineData("ü", "%C3%BC")]
    [InlineData("", "%")]
    public void Token_OfAnyName_IsOneValidToken(string name, string token)
    {
        Assert.Equal(token, Topic.Token(name));
        Assert.True(Topic.IsValid(Topic.Of("mail", name, "received")));
    }

    [Theory]
    [InlineData("topology.>", "topology", false)]
    [InlineData("topology.>", "topology.a", true)]
    [InlineData("topology.>", "topology.a.b", true)]
    [InlineData("*.b", "a.b", true)]
    [InlineData("*.b", "a.b.c", false)]
    [InlineData("a.*", "a", false)]
    [InlineData("a.b", "a.b", true)]
    [InlineData("a.b", "a.bc", false)]
    [InlineData(">", "a", true)]
    public void Matches_FollowsTheRulesOfNats(string pattern, string topic, bool matches)
    {
        Assert.Equal(matches, Topic.Matches(pattern, topic));
    }

    [Theory]
    [InlineData("a..b")]
    [InlineData("")]
    [InlineData("a.")]
    [InlineData(">.a")]
    [InlineData("a.b*")]
    [InlineData("a b")]
    public void IsValidPattern_OutsideTheRules_IsFalse(string pattern) => Assert.False(Topic.IsValidPattern(pattern));

    [Fact]
    public void TopicOf_PutsTheIdBehindTheFirstToken()
    {
        var e = EventKinds.GateState.At(new ManualClock(), new GateState("ready", 0, null)) with { Session = "dev-abcde" };

        Assert.Equal("gate.dev-abcde.egress.state", EventKinds.GateState.TopicOf(e));
    }

    [Fact]
    public void All_KindsAreValidTopicsThemselves() => Assert.All(EventKinds.All.Names, name => Assert.True(Topic.IsValid(name)));
}
