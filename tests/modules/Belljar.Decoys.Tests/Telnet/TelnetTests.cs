using Belljar.Decoys.Telnet;
using Belljar.Decoys.Tests.Dialogues;
using Belljar.Decoys.Tests.Genuine;
using Belljar.Testing;

namespace Belljar.Decoys.Tests.Telnet;

public class TelnetTests
{
    /// <summary>The genuine ones ran on a host called vm; its kernel's version was replaced by Debian's.</summary>
    private static readonly Dictionary<string, GenuineAnswer> Recorded = GenuineAnswer.Load("telnet");

    private const string Refusals = "\xff\xfe\x25\xff\xfe\x26\xff\xfc\x18\xff\xfc\x20\xff\xfc\x23\xff\xfc\x27\xff\xfc\x24";

    private const string NoEcho = "\xff\xfc\x01";

    public static TheoryData<string> Probes => [.. Recorded.Keys];

    private static TelnetDialogue Begin() => new(new DecoyIdentity("vm", "vm", "seed"));

    [Theory]
    [MemberData(nameof(Probes))]
    public void Answers_AreThoseOfTheGenuineOne(string probe)
    {
        var genuine = Recorded[probe];

        var talk = Talk.Hold(Begin(), genuine.Send);

        Assert.Equal(Comparable(genuine.Reply), Comparable(talk.Reply));
        Assert.Equal(genuine.IsOpen, talk.IsOpen);
    }

    [Fact]
    public void FiveNames_AreAskedForAndRecorded()
    {
        var talk = Talk.Hold(Begin(), [Refusals, NoEcho, .. Enumerable.Range(0, 5).Select(i => $"user{i}\r\npass{i}\r\n")]);

        Assert.Equal(Enumerable.Range(0, 5).Select(i => ($"user{i}", $"pass{i}", false)), talk.Attempts.Select(attempt => (attempt.Principal, attempt.Secret!, attempt.Allowed)));
        Assert.EndsWith("Maximum number of tries exceeded (5)\r\n", talk.Reply, StringComparison.Ordinal);
        Assert.DoesNotContain("pass", talk.Reply, StringComparison.Ordinal);
        Assert.False(talk.IsOpen);
    }

    [Fact]
    public void Keys_CutAnywhere_AreAnsweredTheSame() => Talk.SameHoweverItIsCut(Begin, "roox\x7ft\r\0secret\r\nadmin\r\n\x03", Refusals, NoEcho);

    [Fact]
    public void Fuzz_NothingThrows() => Fuzz.Run(
        [.. Recorded.Values.Select(probe => System.Text.Encoding.Latin1.GetBytes(string.Concat(probe.Send))).Where(bytes => bytes.Length > 0)],
        [[255, 250], [255, 240], [255, 253], [255, 246], System.Text.Encoding.Latin1.GetBytes(Refusals)],
        input => Talk.Hold(Begin(), [input]));

    /// <summary>Where in the opening negotiation a mark or an offer to echo stands depends on the terminal's own pace.</summary>
    private static string Comparable(string reply) => reply.Replace("\0\xff\xfb\x01", "\xff\xfb\x01", StringComparison.Ordinal);
}
