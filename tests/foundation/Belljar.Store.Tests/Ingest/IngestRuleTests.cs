using Belljar.Contracts.Events;
using Belljar.Store.Ingest;

namespace Belljar.Store.Tests.Ingest;

public class IngestRuleTests
{
    [Theory]
    [InlineData(62000, "gate.egress.decision", true)]
    [InlineData(63999, "gate.egress.state", true)]
    [InlineData(62000, "system.operator_action", false)]
    [InlineData(63999, "bottle.ended", false)]
    [InlineData(61999, "system.operator_action", true)]
    [InlineData(64000, "system.operator_action", true)]
    [InlineData(0, "system.operator_action", true)]
    public void Gates_MaySendTheirOwnKindsAlone(int uid, string kind, bool allowed) =>
        Assert.Equal(allowed, IngestRule.For(uid, [IngestRule.Gates])?.Allows(kind) ?? true);

    [Fact]
    public void For_TheFirstThatNamesTheUser_Counts()
    {
        var narrow = new IngestRule(500, 500, "mail.>", 1);

        Assert.Same(narrow, IngestRule.For(500, [narrow, new IngestRule(0, 1000, ">", 9)]));
    }

    [Fact]
    public void Gates_AllowsNoKindButCrossings() =>
        Assert.All(EventKinds.All, kind => Assert.Equal(kind.Name.StartsWith("gate.", StringComparison.Ordinal), IngestRule.Gates.Allows(kind.Name)));
}
