using System.Buffers;
using System.Text;

namespace Belljar.Detection.Tests;

public class RedactorTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(70_000)]
    public void Stream_KeepsItsLengthAndLosesItsSecrets(int piece)
    {
        var text = $"{new string('a', 40_000)}\ntoken={TestRules.ForgeToken}\n{new string('b', 90_000)} {Convert.ToBase64String(Encoding.ASCII.GetBytes($"key {TestRules.CloudKey} end"))}\n";
        var output = new ArrayBufferWriter<byte>();
        using var redactor = new Redactor(TestRules.Set);
        foreach (var bytes in Encoding.ASCII.GetBytes(text).Chunk(piece))
        {
            redactor.Push(bytes, output);
        }

        redactor.Complete(output);

        var redacted = Encoding.ASCII.GetString(output.WrittenSpan);
        Assert.Equal(text.Length, redacted.Length);
        Assert.Equal(2, redactor.Findings.Count);
        Assert.Equal(text.Replace(TestRules.ForgeToken, new string('x', TestRules.ForgeToken.Length), StringComparison.Ordinal)[..41_000], redacted[..41_000]);
        Assert.Empty(TestRules.Scan(redacted));
    }

    [Fact]
    public void Output_IsNeverFurtherBehindThanTheHoldBack()
    {
        var output = new ArrayBufferWriter<byte>();
        using var redactor = new Redactor(TestRules.Set);
        for (var pushed = 0; pushed < 500_000; pushed += 5_000)
        {
            redactor.Push(new byte[5_000], output);
            Assert.InRange(pushed + 5_000 - output.WrittenCount, 0, Scanner.HoldBack);
        }
    }
}
