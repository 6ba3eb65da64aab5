using System.Text;
using Belljar.Protocols.Grpc;

namespace Belljar.Protocols.Tests.Grpc;

public class MessageReaderTests
{
    private static readonly byte[] Stream = [0, 0, 0, 0, 2, (byte)'h', (byte)'i', 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, (byte)'x'];

    /// <summary>However it is cut, it means the same.</summary>
    [Fact]
    public void Messages_AreRead_CutAtEveryByte()
    {
        for (var cut = 0; cut <= Stream.Length; cut++)
        {
            var (reader, seen) = (new MessageReader(), new StringBuilder());

            Read(reader, Stream.AsSpan(0, cut), seen);
            Read(reader, Stream.AsSpan(cut), seen);

            Assert.Equal("[hi]{}[x]", seen.ToString());
            Assert.True(reader.IsBetween);
        }
    }

    [Theory]
    [InlineData("02")]
    [InlineData("ff")]
    public void AnotherFlagThanTwo_IsRefused(string flag)
        => Assert.Equal(MessageStatus.Refused, new MessageReader().Read(Convert.FromHexString(flag + "00000000"), out _, out _));

    [Fact]
    public void ALengthThatNoSignedNumberHolds_IsRefused()
        => Assert.Equal(MessageStatus.Refused, new MessageReader().Read([0, 0x80, 0, 0, 0], out _, out _));

    [Theory]
    [InlineData("00")]
    [InlineData("0000000001")]
    [InlineData("000000000261")]
    public void AMessageThatIsCutOff_IsNotBetween(string bytes)
    {
        var reader = new MessageReader();

        Read(reader, Convert.FromHexString(bytes), new StringBuilder());

        Assert.False(reader.IsBetween);
    }

    private static void Read(MessageReader reader, ReadOnlySpan<byte> input, StringBuilder seen)
    {
        while (true)
        {
            var status = reader.Read(input, out var consumed, out var payload);
            input = input[consumed..];
            switch (status)
            {
                case MessageStatus.Begin:
                    seen.Append(reader.IsCompressed ? '{' : '[');
                    break;
                case MessageStatus.Payload:
                    seen.Append(Encoding.ASCII.GetString(payload));
                    break;
                case MessageStatus.End:
                    seen.Append(reader.IsCompressed ? '}' : ']');
                    break;
                default:
                    return;
            }
        }
    }
}
