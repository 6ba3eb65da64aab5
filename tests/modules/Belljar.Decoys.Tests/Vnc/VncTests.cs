using Belljar.Decoys.Tests.Dialogues;
using Belljar.Decoys.Tests.Genuine;
using Belljar.Decoys.Vnc;
using Belljar.Testing;

namespace Belljar.Decoys.Tests.Vnc;

public class VncTests
{
    private const int ChallengeLength = 16;

    private static readonly Dictionary<string, GenuineAnswer> Recorded = GenuineAnswer.Load("vnc");

    public static TheoryData<string> Probes => [.. Recorded.Keys];

    [Theory]
    [MemberData(nameof(Probes))]
    public void Answers_AreThoseOfTheGenuineOne(string probe)
    {
        var genuine = Recorded[probe];

        var talk = Talk.Hold(new VncDialogue(), genuine.Send);

        Assert.Equal(WithoutChallenge(genuine.Reply), WithoutChallenge(talk.Reply));
        Assert.Equal(genuine.IsOpen, talk.IsOpen);
    }

    [Fact]
    public void Response_IsRecordedAsCrackersTakeIt()
    {
        var talk = Talk.Hold(new VncDialogue(), "RFB 003.008\n", "\x02", "0123456789abcdef");

        var attempt = Assert.Single(talk.Attempts);
        Assert.Equal(("vnc_response", false), (attempt.SecretKind, attempt.Allowed));
        var challenge = Convert.ToHexString(System.Text.Encoding.Latin1.GetBytes(talk.Reply.Substring(14, ChallengeLength)));
        Assert.Equal($"$vnc$*{challenge}*30313233343536373839616263646566", attempt.Secret);
    }

    [Fact]
    public void Challenges_Differ() => Assert.NotEqual(
        Talk.Hold(new VncDialogue(), "RFB 003.003\n").Reply, Talk.Hold(new VncDialogue(), "RFB 003.003\n").Reply);

    [Fact]
    public void Fuzz_NothingThrows() => Fuzz.Run(
        [.. Recorded.Values.Select(probe => System.Text.Encoding.Latin1.GetBytes(string.Concat(probe.Send))).Where(bytes => bytes.Length > 0)],
        ["RFB 003.008\n"u8.ToArray(), [2], [0xff]],
        input => Talk.Hold(new VncDialogue(), [input]));

    /// <summary>It is another one each time; it stands behind the security type.</summary>
    private static string WithoutChallenge(string reply)
    {
        var at = reply.Length >= 16 && reply[12] == '\0' && reply[15] == '\x02' ? 16 : 14;
        return reply.Length >= at + ChallengeLength && reply[at - 1] == '\x02' ? reply.Remove(at, ChallengeLength) : reply;
    }
}
