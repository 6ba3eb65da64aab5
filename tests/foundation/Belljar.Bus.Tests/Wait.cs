namespace Belljar.Bus.Tests;

/// <summary>Waits for the thing itself. The deadline only ends a test that would hang; nothing is measured by it.</summary>
internal static class Wait
{
    public static CancellationToken Deadline() => new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token;

    public static async Task UntilAsync(Func<bool> condition)
    {
        var deadline = Deadline();
        while (!condition())
        {
            deadline.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
