using System.Text;
using System.Text.Json;
using Belljar.Mail.Outgoing;
using Belljar.Mail.Signing;
using Belljar.Mail.Storage;
using Belljar.Mail.Tests.EndToEnd;
using Belljar.Mail.Tests.Outgoing;
using Belljar.Mail.Victim;
using Belljar.Protocols.Aimx;
using Belljar.Testing;

namespace Belljar.Mail.Tests.LocalSocket;

/// <summary>Two users of this machine, as processes with their own ids, before the worker as it runs: the kernel says who asks.</summary>
public sealed class TwoUsersTests : IAsyncDisposable
{
    /// <summary>Each on a connection of its own: a list of frames comes in, the list of replies goes out.</summary>
    private const string Client =
        """
        import json, socket, sys
        replies = []
        for frame in json.load(sys.stdin):
            with socket.socket(socket.AF_UNIX) as s:
                s.connect(sys.argv[1])
                s.sendall(frame.encode())
                s.shutdown(socket.SHUT_WR)
                reply = b''
                while some := s.recv(65536):
                    reply += some
            replies.append(reply.decode())
        json.dump(replies, sys.stdout)
        """;

    private const int Ann = 65534;
    private const int Bob = 2;

    private readonly TemporaryFolder _home = new();
    private readonly SinkServer _sink = new();

    public async ValueTask DisposeAsync()
    {
        await _sink.DisposeAsync();
        _home.Dispose();
    }

    [Fact]
    public async Task EachReachesHisOwn_AndNothingOfTheOthersByAnyVerb()
    {
        await using var host = await StartAsync();
        Assert.Equal(["AIMX/1 OK\n"], await SayAsync(host, Ann, "AIMX/1 MAILBOX-CREATE\nName: anns\n\n"));
        Assert.Equal(["AIMX/1 OK\n"], await SayAsync(host, Bob, "AIMX/1 MAILBOX-CREATE\nName: bobs\n\n"));
        Assert.Equal(["AIMX/1 OK\n"], await SayAsync(host, Ann, "AIMX/1 HOOK-CREATE\nMailbox: anns\nEvent: on_receive\nName: wake\nContent-Length: 21\n\n{\"run\":[\"/bin/true\"]}"));
        using (var client = await LineClient.ConnectAsync(host.Address))
        {
            Assert.True(await client.DeliverAsync(["anns@mx.test", "bobs@mx.test"], TestMail.Message("private")));
        }

        var reader = TestMail.Reader(_home["state/mail"]);
        var anns = Assert.Single(reader.List("anns")).Id;
        var bobs = Assert.Single(reader.List("bobs")).Id;
        const string denied = "AIMX/1 ERR EACCES the mailbox 'anns' is not yours\nCode: EACCES\n\n";
        const string letter = "From: anns@mx.test\nTo: bob@b.example\nSubject: x\n\nx\n";
        (AimxVerb Verb, string Frame, string Reply)[] attempts =
        [
            (AimxVerb.Send, $"Content-Length: {letter.Length}\n\n{letter}", "AIMX/1 ERR EACCES the mailbox anns is not yours\nCode: EACCES\n\n"),
            (AimxVerb.MarkRead, $"Mailbox: anns\nId: {anns}\n\n", denied),
            (AimxVerb.MarkUnread, $"Mailbox: anns\nId: {anns}\n\n", denied),
            (AimxVerb.Label, $"Mailbox: anns\nId: {anns}\nLabels: mine\n\n", denied),
            (AimxVerb.Move, $"Mailbox: anns\nId: {anns}\nTo: bobs\n\n", denied),
            (AimxVerb.Move, $"Mailbox: bobs\nId: {bobs}\nTo: anns\n\n", denied),
            (AimxVerb.Delete, $"Mailbox: anns\nId: {anns}\n\n", denied),
            (AimxVerb.Delete, $"Mailbox: bobs\nId: ../anns/{anns}\n\n", $"AIMX/1 ERR NOTFOUND there is no message '../anns/{anns}' in 'bobs'\nCode: NOTFOUND\n\n"),
            (AimxVerb.MailboxCreate, "Name: anns\n\n", "AIMX/1 ERR MAILBOX there is a mailbox with the name 'anns' or the address anns@mx.test already\nCode: MAILBOX\n\n"),
            (AimxVerb.MailboxCreate, $"Name: more\nOwner: {Ann}\n\n", "AIMX/1 ERR EACCES the operator alone makes mailboxes for others\nCode: EACCES\n\n"),
            (AimxVerb.MailboxDelete, "Name: anns\nForce: true\n\n", "AIMX/1 ERR MAILBOX there is no mailbox 'anns' of yours\nCode: MAILBOX\n\n"),
            (AimxVerb.MailboxList, "\n", Json("[{\"name\":\"bobs\",\"address\":\"bobs@mx.test\",\"addresses\":[\"bobs@mx.test\"],\"messages\":1,\"unread\":1,\"trust\":\"none\"}]")),
            (AimxVerb.HookCreate, "Mailbox: anns\nEvent: on_receive\nContent-Length: 21\n\n{\"run\":[\"/bin/true\"]}", denied),
            (AimxVerb.HookDelete, "Mailbox: anns\nName: wake\n\n", denied),
            (AimxVerb.HookList, "Mailbox: anns\n\n", denied),
            (AimxVerb.HookList, "\n", Json("[]")),
            (AimxVerb.Version, "\n", Json($"{{\"version\":\"{typeof(MailWorker).Assembly.GetName().Version!.ToString(3)}\"}}")),
        ];
        Assert.Empty(Enum.GetValues<AimxVerb>().Except(attempts.Select(attempt => attempt.Verb)));

        var replies = await SayAsync(host, Bob, [.. attempts.Select(attempt => $"AIMX/1 {attempt.Verb.Word()}\n{attempt.Frame}")]);

        Assert.Equal(attempts.Select(attempt => attempt.Reply), replies);
        Assert.Equal(anns, Assert.Single(reader.List("anns")).Id);
        Assert.False(reader.List("anns")[0].IsRead);
        Assert.Empty(_sink.Messages);

        // Control: what was denied is not impossible.
        Assert.Equal(
            ["AIMX/1 OK\n", "AIMX/1 OK\n", "AIMX/1 OK\n", "AIMX/1 OK\n"],
            await SayAsync(host, Ann, $"AIMX/1 MARK-READ\nMailbox: anns\nId: {anns}\n\n", $"AIMX/1 DELETE\nMailbox: anns\nId: {anns}\n\n", "AIMX/1 HOOK-DELETE\nMailbox: anns\nName: wake\n\n", "AIMX/1 MAILBOX-DELETE\nName: anns\n\n"));
    }

    [Fact]
    public async Task UserWithoutConfigurationAndKeys_SendsSignedMail_AndMarks()
    {
        await using var host = await StartAsync();
        new DkimKeyStore(_home["state/mail"], TimeProvider.System).Generate("mx.test");
        await File.WriteAllTextAsync(_home["belljar.yaml"], "mail: {}\n");
        File.SetUnixFileMode(_home["belljar.yaml"], UnixFileMode.UserRead | UnixFileMode.UserWrite);
        string[] secrets = [_home["belljar.yaml"], .. Directory.EnumerateFiles(_home["state/mail/dkim"], "*.pem", SearchOption.AllDirectories)];
        Assert.Equal(3, secrets.Length);
        foreach (var file in secrets)
        {
            Assert.False((await AsAsync(Ann, [], "/bin/cat", file)).Succeeded, file);
        }

        const string letter = "From: anns@mx.test\nTo: bob@b.example\nSubject: from me\n\nhello\n";
        var replies = await SayAsync(host, Ann, "AIMX/1 MAILBOX-CREATE\nName: anns\n\n", $"AIMX/1 SEND\nContent-Length: {letter.Length}\nWait: true\n\n{letter}");
        Assert.Equal("AIMX/1 OK\n", replies[0]);
        Assert.StartsWith("AIMX/1 OK <", replies[1], StringComparison.Ordinal);
        var copy = Assert.Single(TestMail.Reader(_home["state/mail"]).List("anns", MailFolder.Sent)).Id;
        Assert.Equal(["AIMX/1 OK\n"], await SayAsync(host, Ann, $"AIMX/1 MARK-UNREAD\nMailbox: anns\nFolder: sent\nId: {copy}\n\n"));
        Assert.Equal(2, Assert.Single(_sink.Messages).Text.Split("DKIM-Signature:").Length - 1);
    }

    private async Task<MailHost> StartAsync()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root can be two users");
        Tools.SkipWithout("setpriv");
        Tools.SkipWithout("python3");
        File.SetUnixFileMode(_home.Path, File.GetUnixFileMode(_home.Path) | UnixFileMode.OtherExecute);
        return await MailHost.StartAsync(_home.Path, TestMail.Options with
        {
            Outgoing = new OutgoingOptions { Smarthost = new SmarthostOptions("localhost", _sink.Port, SmarthostTls.None, null, null) },
        });
    }

    private static async Task<string[]> SayAsync(MailHost host, int user, params string[] frames)
    {
        var result = await AsAsync(user, JsonSerializer.SerializeToUtf8Bytes(frames), "python3", "-c", Client, host.Context.Paths.MailSocket);
        Assert.True(result.Succeeded, result.ErrorText);
        return JsonSerializer.Deserialize<string[]>(result.OutputText)!;
    }

    private static Task<Belljar.Sandboxes.Processes.RunResult> AsAsync(int user, byte[] input, params string[] command) =>
        Tools.RunAsync(input, ["setpriv", $"--reuid={user}", $"--regid={user}", "--clear-groups", "--", .. command]);

    private static string Json(string json) => $"AIMX/1 OK\nContent-Length: {Encoding.UTF8.GetByteCount(json)}\n\n{json}";
}
