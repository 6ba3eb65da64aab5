using System.Text;
using Belljar.Mail.Authentication;
using Belljar.Testing;

namespace Belljar.Mail.Tests.Authentication;

public sealed class ForeignResultsTests
{
    [Theory]
    [InlineData("Authentication-Results: mx.test; dmarc=pass\r\n")]
    [InlineData("authentication-results:MX.TEST;spf=pass\r\n")]
    [InlineData("Authentication-Results : mx.test\r\n")]
    [InlineData("Authentication-Results:\r\n\tmx.test.;\r\n dmarc=pass\r\n")]
    [InlineData("Authentication-Results: (a (nested) \\) comment) mx.test 1; dmarc=pass\r\n")]
    [InlineData("Authentication-Results: \"mx.\\test\"; dmarc=pass\r\n")]
    [InlineData("Authentication-Results: mx.test(comment); dmarc=pass\r\n")]
    [InlineData("Authentication-Results: (no end mx.other; dmarc=pass\r\n")]
    [InlineData("Authentication-Results: \"mx.other; dmarc=pass\r\n")]
    [InlineData("Authentication-Results:\r\n")]
    public void Field_ThatClaimsToBeOurs_IsTakenOut(string field) =>
        Assert.Equal("A: 1\r\nB: 2\r\n\r\nbody", Remove($"A: 1\r\n{field}{field}B: 2\r\n\r\nbody"));

    [Theory]
    [InlineData("Authentication-Results: mx.other; dmarc=pass (mx.test)\r\n\r\nbody")]
    [InlineData("Authentication-Results: xmx.test; dmarc=pass\r\n\r\nbody")]
    [InlineData("X-Authentication-Results: mx.test; dmarc=pass\r\n\r\nbody")]
    [InlineData("ARC-Authentication-Results: i=1; mx.test; dmarc=pass\r\n\r\nbody")]
    [InlineData("Subject: x\r\n\r\nAuthentication-Results: mx.test; dmarc=pass\r\n")]
    [InlineData("")]
    [InlineData("no header at all")]
    public void Everything_Else_StaysToTheByte(string message) => Assert.Equal(message, Remove(message));

    [Fact]
    public void CutAtEveryByte_NeverThrows()
    {
        var message = Encoding.ASCII.GetBytes("A: 1\r\nAuthentication-Results: (c \\( ) \"m\\x\" ; x\r\n y\r\n\r\nbody");
        for (var i = 0; i <= message.Length; i++)
        {
            Assert.True(ForeignResults.Remove(message.AsMemory(0, i), "mx.test").Length <= i);
        }
    }

    /// <summary>What is left has nothing more to take out, and nothing is made up.</summary>
    [Fact]
    public void AnyHeader_IsCleanAfterOnce()
    {
        var samples = new[] { "A: 1\r\nAuthentication-Results: mx.test; dmarc=pass\r\n\tx=y\r\nB: 2\r\n\r\nbody\r\n" };
        var words = new[] { "Authentication-Results:", "mx.test", "(", ")", "\"", "\\", ";", "\r\n", "\n", " ", "\t", "mx.", "\r\n\r\n" };
        var tried = Fuzz.Run([.. samples.Select(Encoding.UTF8.GetBytes)], [.. words.Select(Encoding.UTF8.GetBytes)], input =>
        {
            var once = ForeignResults.Remove(input, "mx.test");
            Assert.True(once.Length <= input.Length);
            Assert.True(ForeignResults.Remove(once, "mx.test").Span.SequenceEqual(once.Span));
        });
        Assert.True(tried > 10);
    }

    private static string Remove(string message) => Encoding.Latin1.GetString(ForeignResults.Remove(Encoding.Latin1.GetBytes(message), "mx.test").Span);
}
