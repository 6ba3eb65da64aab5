using System.Net;
using System.Text;
using Belljar.Protocols.Dns;
using Belljar.Testing;

namespace Belljar.Protocols.Tests.Dns;

/// <summary>Whatever answers a question.</summary>
public sealed class DnsFuzzTests
{
    private static readonly Grammar Messages = new("message", new Dictionary<string, string[]>
    {
        ["message"] = ["\0\u0007{flags}\0\u0001\0\u0001\0\0\0\0{question}{record}", "\0\u0007{flags}{counts}{question*}{record*}{record*}"],
        ["flags"] = ["\u0081\u0080", "\u0081\u00a0", "\u0083\u0080", "\u0081\u0083", "\0\0", "\u00ff\u00ff"],
        ["counts"] = ["\0\u0001\0\u0002\0\0\0\u0001", "\0\u0001\0\u0005\0\u0001\0\0", "\0\0\0\u0001\0\0\0\0", "\u00ff\u00ff\u00ff\u00ff\0\0\0\0"],
        ["question"] = ["{name}\0\u0010\0\u0001", "{name}{type}\0\u0001"],
        ["record"] = ["{name}{type}{class}{ttl}{data}"],
        ["name"] = ["\u0001a\u0007example\0", "\0", "{pointer}", "\u0003www{pointer}", "\u0001a{name}", "\u0040a\0", "\u003f{pointer}"],
        ["pointer"] = ["\u00c0\u000c", "\u00c0\0", "\u00c0\u0020", "\u00ff\u00ff"],
        ["type"] = ["\0\u0001", "\0\u0002", "\0\u0005", "\0\u0006", "\0\u000c", "\0\u000f", "\0\u0010", "\0\u001c", "\0\u0021", "\0\u0029", "\0\u0034", "\u00ff\0"],
        ["class"] = ["\0\u0001", "\0\u0003", "\u0004\u00d0"],
        ["ttl"] = ["\0\0\u0001\u002c", "\u00ff\u00ff\u00ff\u00ff", "\0\0\0\0"],
        ["data"] = ["\0\u0004\u00c0\0\u0002\u0001", "\0\u0010{four}{four}{four}{four}", "\0\u0004\0\u000a\u00c0\u000c", "\0\u0006\u0005hello", "\0\u0002{pointer}", "\0\0", "\u0001\0short", "\0\u0009\0\u000a\0\u0014\0\u0019\u0001x\0"],
        ["four"] = ["\u0020\u0001\u000d\u00b8", "\0\0\0\0"],
    });

    [Fact]
    public void AnyInput_IsReadOrRefused()
    {
        byte[][] words = [[0xC0, 12], [0xC0, 0], [0xFF, 0xFF], [0, 1, 0, 1], [63], [0], [0, 41], [0, 16, 0, 1]];
        var tried = Fuzz.Run([DnsMessageTests.Full.ToBytes(), DnsMessage.Query(7, DnsMessageTests.Owner, DnsType.Txt, 1232).ToBytes()], words, input =>
        {
            if (DnsMessage.TryRead(input, out var message))
            {
                // What was understood can be written and is understood again in the same way.
                Assert.True(DnsMessage.TryRead(message!.ToBytes(), out var again) || message.ToBytes().Length > ushort.MaxValue);
                Assert.True(again is null || message.ToBytes().AsSpan().SequenceEqual(again.ToBytes()));
            }
        }, Messages, "dns");
        Assert.True(tried > 10);
    }
}
