using Belljar.Hosting;
using Belljar.Testing;
using Belljar.Web.Access;

namespace Belljar.Web.Tests.Access;

public class ConsoleTokenTests
{
    [Fact]
    public void Token_IsMadeOnce_ForItsOwnerAlone()
    {
        using var home = new TemporaryFolder();
        var paths = BelljarPaths.At(home.Path);

        var url = ConsoleToken.LoadOrCreate(paths).Url("127.0.0.1:7480");

        Assert.Matches("^http://127\\.0\\.0\\.1:7480/\\?token=[A-Za-z0-9_-]{43}$", url);
        Assert.Equal(url, ConsoleToken.LoadOrCreate(paths).Url("127.0.0.1:7480"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(paths.ConsoleToken));
        Assert.Single(Directory.GetFiles(paths.State));
    }

    [Fact]
    public void Token_AskedForByManyAtOnce_IsTheSameForAll()
    {
        using var home = new TemporaryFolder();
        var paths = BelljarPaths.At(home.Path);

        var urls = Enumerable.Range(0, 16).AsParallel().WithDegreeOfParallelism(16).Select(_ => ConsoleToken.LoadOrCreate(paths).Url("h")).ToList();

        Assert.Single(urls.Distinct());
        Assert.Single(Directory.GetFiles(paths.State));
    }

    [Theory]
    [InlineData("")]
    [InlineData("short")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA!")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public void File_WithSomethingElse_IsRefusedWithAdvice(string content)
    {
        using var home = new TemporaryFolder();
        var paths = BelljarPaths.At(home.Path);
        Directory.CreateDirectory(paths.State);
        File.WriteAllText(paths.ConsoleToken, content);

        var refused = Assert.Throws<OperatorException>(() => ConsoleToken.LoadOrCreate(paths));

        Assert.Contains("Delete it", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("AAAA", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Session_IsNotTheToken_AndTextOfATokenSaysNothing()
    {
        using var home = new TemporaryFolder();
        var token = ConsoleToken.LoadOrCreate(BelljarPaths.At(home.Path));
        var text = token.Url("h")["http://h/?token=".Length..];

        Assert.NotEqual(text, token.Session());
        Assert.DoesNotContain(text, token.ToString(), StringComparison.Ordinal);
        Assert.True(token.Is(text));
        Assert.False(token.Is(token.Session()));
        Assert.False(token.Is(text + "A"));
        Assert.False(token.Is(null));
        Assert.False(token.Is(""));
    }

    [Theory]
    [InlineData("0.0.0.0:7480", "http://127.0.0.1:7480/")]
    [InlineData("[::]:7480", "http://[::1]:7480/")]
    [InlineData("10.0.0.5:80", "http://10.0.0.5:80/")]
    public void Url_OfEveryAddress_IsOneThatABrowserCanOpen(string listener, string start)
    {
        using var home = new TemporaryFolder();

        Assert.StartsWith(start, ConsoleToken.LoadOrCreate(BelljarPaths.At(home.Path)).Url(listener), StringComparison.Ordinal);
    }
}
