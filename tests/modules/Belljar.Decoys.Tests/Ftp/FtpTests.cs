using System.Net;
using Belljar.Decoys.Ftp;
using Belljar.Decoys.Logins;
using Belljar.Decoys.Tests.Dialogues;
using Belljar.Decoys.Tests.Genuine;
using Belljar.Testing;

namespace Belljar.Decoys.Tests.Ftp;

public class FtpTests
{
    private static readonly Dictionary<string, GenuineAnswer> Recorded = GenuineAnswer.Load("ftp");

    private static readonly DecoyIdentity Identity = new("files-1", "files-1", "seed");

    private static readonly LoginPolicy Planted = new(null, [], [new LoginAccount("ftpprobe", "probe-word-1")]);

    public static TheoryData<string> Probes => [.. Recorded.Keys];

    private static FtpDialogue Begin(LoginPolicy? logins = null) =>
        new(Identity, new LoginDoor(logins ?? Planted).For(IPAddress.Loopback), IPAddress.Loopback, IPAddress.Loopback, new ManualClock());

    [Theory]
    [MemberData(nameof(Probes))]
    public void Answers_AreThoseOfTheGenuineOne(string probe)
    {
        var genuine = Recorded[probe];

        var talk = Talk.Hold(Begin(), genuine.Send);

        Assert.Equal(genuine.Reply, talk.Reply);
        Assert.Equal(genuine.IsOpen, talk.IsOpen);
    }

    [Fact]
    public void Passwords_AreRecorded_AndNoCommandRepeatsThem()
    {
        var talk = Talk.Hold(Begin(), "USER root\r\n", "PASS toor\r\n", "PASS again\r\n");

        Assert.Equal([("root", "toor", false), ("", "again", false)], talk.Attempts.Select(attempt => (attempt.Principal, attempt.Secret!, attempt.Allowed)));
        Assert.Equal(["USER root"], talk.Commands.Select(command => command.Command));
    }

    [Fact]
    public void Always_LetsInWithAnything()
    {
        var talk = Talk.Hold(Begin(new LoginPolicy(null, ["guest"], [])), "USER guest\r\nPASS x\r\nPWD\r\n");

        Assert.EndsWith("257 \"/home/guest\" is the current directory\r\n", talk.Reply, StringComparison.Ordinal);
        Assert.True(Assert.Single(talk.Attempts).Allowed);
    }

    [Fact]
    public void After_LetsInWhoHasTriedOften()
    {
        var door = new LoginDoor(new LoginPolicy(2, [], []));
        bool Try(string source) => door.Admits(IPAddress.Parse(source), "root", _ => false);

        Assert.Equal([false, false, true, true], Enumerable.Range(0, 4).Select(_ => Try("192.0.2.1")));
        Assert.False(Try("192.0.2.2"));
    }

    [Fact]
    public void Commands_CutAnywhere_AreAnsweredTheSame() =>
        Talk.SameHoweverItIsCut(() => Begin(), "USER ftpprobe\r\nPASS probe-word-1\nCWD exports\r\nPWD\r\nSIZE ../notes.txt\r\nMDTM ../notes.txt\r\n\r\nQUIT\r\n");

    [Fact]
    public void Fuzz_NothingThrows() => Fuzz.Run(
        [.. Recorded.Values.Select(probe => System.Text.Encoding.Latin1.GetBytes(string.Concat(probe.Send))).Where(bytes => bytes.Length is > 0 and < 1000)],
        [.. new[] { "USER ftpprobe\r\n", "PASS probe-word-1\r\n", "CWD ", "../../", "STAT ", "\r\n", "RETR " }.Select(System.Text.Encoding.Latin1.GetBytes)],
        input =>
        {
            using var dialogue = Begin();
            Talk.Hold(dialogue, [input]);
        });
}
