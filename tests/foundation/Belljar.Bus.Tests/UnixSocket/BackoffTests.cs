using Belljar.Bus.UnixSocket;

namespace Belljar.Bus.Tests.UnixSocket;

public class BackoffTests
{
    [Fact]
    public void Next_Doubles_UpToTheLongest_UntilReset()
    {
        var backoff = new Backoff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5));

        Assert.Equal([1, 2, 4, 5, 5], Enumerable.Range(0, 5).Select(_ => backoff.Next().TotalSeconds));
        backoff.Reset();
        Assert.Equal(1, backoff.Next().TotalSeconds);
    }

    [Fact]
    public void Next_AfterThousands_IsStillTheLongest()
    {
        var backoff = new Backoff(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(5));

        for (var i = 0; i < 5000; i++)
        {
            backoff.Next();
        }

        Assert.Equal(5, backoff.Next().TotalSeconds);
    }
}
