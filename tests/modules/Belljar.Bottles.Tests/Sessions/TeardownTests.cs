using Belljar.Bottles.Sessions;
using Microsoft.Extensions.Logging.Abstractions;

namespace Belljar.Bottles.Tests.Sessions;

public class TeardownTests
{
    [Fact]
    public async Task Dispose_UndoesInReverse_AndAFailureKeepsNobodyElseFromRunning()
    {
        var order = new List<string>();
        var teardown = new Teardown(NullLogger.Instance);
        foreach (var step in new[] { "sandbox", "listener", "gate" })
        {
            teardown.Add($"the {step}", $"remove {step}", () =>
            {
                order.Add(step);
                return step == "listener" ? throw new IOException("busy") : ValueTask.CompletedTask;
            });
        }

        await teardown.DisposeAsync();

        Assert.Equal(["gate", "listener", "sandbox"], order);
        Assert.Equal("the listener was left behind; remove it with: remove listener", Assert.Single(teardown.Left));
    }
}
