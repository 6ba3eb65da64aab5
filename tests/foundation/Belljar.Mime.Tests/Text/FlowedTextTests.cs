using Belljar.Mime.Text;

namespace Belljar.Mime.Tests.Text;

public class FlowedTextTests
{
    [Theory]
    [InlineData("a \nb\nc", false, "a b\nc")]
    [InlineData("a \nb", true, "ab")]
    [InlineData(">> a \n>> b\n> c\nd", false, ">> a b\n> c\nd")]
    [InlineData("> a \nb", false, "> a \nb")]
    [InlineData(" >not a quote\n  x", false, ">not a quote\n x")]
    [InlineData("a \n-- \nsig", false, "a \n-- \nsig")]
    [InlineData("", false, "")]
    public void Join_FollowsTheRfc(string text, bool delSp, string joined)
    {
        Assert.Equal(joined, FlowedText.Join(text, delSp));
    }
}
