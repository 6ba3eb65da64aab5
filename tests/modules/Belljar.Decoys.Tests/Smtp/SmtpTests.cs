using System.Net;
using System.Text.RegularExpressions;
using Belljar.Decoys.Logins;
using Belljar.Decoys.Smtp;
using Belljar.Decoys.Tests.Dialogues;
using Belljar.Decoys.Tests.Genuine;
using Belljar.Testing;

namespace Belljar.Decoys.Tests.Smtp;

public partial class SmtpTests
{
    private static readonly Dictionary<string, GenuineAnswer> Recorded = GenuineAnswer.Load("smtp");

    public static TheoryData<string> Probes => [.. Recorded.Keys];

    private static SmtpDialogue Begin(bool offersLogin = false) =>
        new("mx.corp.example", ["root", "postmaster"], offersLogin ? new LoginDoor(LoginPolicy.Never).For(IPAddress.Loopback) : null);

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
    public void Logins_AreRecordedInBothMechanisms()
    {
        var talk = Talk.Hold(Begin(offersLogin: true), "EHLO x\r\n", "AUTH PLAIN AHJvb3QAdG9vcg==\r\n", "AUTH LOGIN\r\n", "am9l\r\n", "cHc=\r\n");

        Assert.Contains("250-AUTH PLAIN LOGIN\r\n", talk.Reply, StringComparison.Ordinal);
        Assert.Equal([("root", "PLAIN", "toor"), ("joe", "LOGIN", "pw")], talk.Attempts.Select(attempt => (attempt.Principal, attempt.Mechanism, attempt.Secret!)));
    }

    [Fact]
    public void Commands_CutAnywhere_AreAnsweredTheSame() => Talk.SameHoweverItIsCut(
        () => Begin(), "EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<x@elsewhere.example>\r\nRCPT TO:<nobody@mx.corp.example>\nDATA\r\nQUIT\r\n");

    [Fact]
    public void Message_CutAnywhere_HasTheSameHash()
    {
        const string Sent = "MAIL FROM:<>\r\nRCPT TO:<root>\r\nDATA\r\nSubject: x\r\n\r\n..\r\nhello\r\n.\r\nRSET\r\n";
        var whole = Assert.Single(Talk.Hold(Begin(), Sent).Reports.OfType<Belljar.Decoys.Dialogues.FileUp>());
        for (var cut = 1; cut < Sent.Length; cut++)
        {
            Assert.Equal(whole, Assert.Single(Talk.Hold(Begin(), Sent[..cut], Sent[cut..]).Reports.OfType<Belljar.Decoys.Dialogues.FileUp>()));
        }
    }

    [Fact]
    public void Fuzz_NothingThrows() => Fuzz.Run(
        [.. Recorded.Values.Select(probe => System.Text.Encoding.Latin1.GetBytes(string.Concat(probe.Send))).Where(bytes => bytes.Length is > 0 and < 2000)],
        [.. new[] { "EHLO x\r\n", "MAIL FROM:<", "RCPT TO:<root>\r\n", "DATA\r\n", "\r\n.\r\n", "BDAT 5 LAST\r\n", "AUTH PLAIN ", "AUTH LOGIN\r\n", "SIZE=" }.Select(System.Text.Encoding.Latin1.GetBytes)],
        input => Talk.Hold(Begin(offersLogin: true), [input]));

    [GeneratedRegex("queued as [0-9A-F]+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Queued();

    private static string Comparable(string reply) => Queued().Replace(reply, "queued as ID");
}
