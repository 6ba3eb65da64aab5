using System.Text;
using Belljar.Contracts.Events;
using Belljar.Contracts.Wire;
using Belljar.Hosting;
using Belljar.Mail.Mailboxes;
using Belljar.Mail.Outgoing;
using Belljar.Mail.Storage;
using Belljar.Mail.Submission;
using Belljar.Mail.Tests.EndToEnd;
using Belljar.Mail.Tests.Outgoing;
using Belljar.Mail.Victim;
using Belljar.Protocols.Aimx;
using Belljar.Testing;

namespace Belljar.Mail.Tests.LocalSocket;

/// <summary>Mailboxes and hooks are made and removed while the daemon runs.</summary>
public sealed class MailboxVerbsTests
{
    /// <summary>Users that every machine has, and who are not the one that runs this.</summary>
    private static readonly PeerCredentials Ann = new(Pid: 1, Uid: 65534, Gid: 65534);
    private static readonly PeerCredentials Bob = new(Pid: 1, Uid: 2, Gid: 2);
    private static readonly PeerCredentials Root = new(Pid: 1, Uid: 0, Gid: 0);

    [Fact]
    public async Task Mailbox_MadeWhileTheDaemonRuns_ReceivesAtOnce_StaysOverARestart_AndIsDeleted()
    {
        using var home = new TemporaryFolder();
        await using (var host = await MailHost.StartAsync(home.Path, TestMail.Options))
        {
            Assert.Equal("AIMX/1 OK\n", await SayAsync(host, "AIMX/1 MAILBOX-CREATE\nName: research\n\n"));
            await DeliverAsync(host, "research@mx.test", "first");
            Assert.Contains("{\"name\":\"research\",\"address\":\"research@mx.test\",\"addresses\":[\"research@mx.test\"],\"messages\":1,\"unread\":1,", await SayAsync(host, "AIMX/1 MAILBOX-LIST\n\n"), StringComparison.Ordinal);
        }

        await using (var host = await MailHost.StartAsync(home.Path, TestMail.Options))
        {
            await DeliverAsync(host, "research+tag@mx.test", "second");
            Assert.Equal(2, TestMail.Reader(home["state/mail"]).List("research").Count);
            Assert.Equal("AIMX/1 ERR NONEMPTY 'research' holds files; Force removes them too\nCode: NONEMPTY\n\n", await SayAsync(host, "AIMX/1 MAILBOX-DELETE\nName: research\n\n"));
            await DeliverAsync(host, "research@mx.test", "third");
            Assert.Equal("AIMX/1 OK\n", await SayAsync(host, "AIMX/1 MAILBOX-DELETE\nName: research\nForce: true\n\n"));
            using var client = await LineClient.ConnectAsync(host.Address);
            Assert.False(await client.DeliverAsync("research@mx.test", TestMail.Message("fourth")));
            Assert.False(Directory.Exists(home["state/mail/inbox/research"]));
            Assert.False(Directory.Exists(home["state/mail/sent/research"]));
        }

        await using (var host = await MailHost.StartAsync(home.Path, TestMail.Options))
        {
            Assert.DoesNotContain("research", await SayAsync(host, "AIMX/1 MAILBOX-LIST\n\n"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Hook_MadeWhileTheDaemonRuns_FiresWithTheNextMessage_AndForWhatIsSent()
    {
        using var home = new TemporaryFolder();
        await using var host = await MailHost.StartAsync(home.Path, TestMail.Options with { Outgoing = new OutgoingOptions { Sign = false } });
        Assert.Equal("AIMX/1 OK\n", await SayAsync(host, Hook("agent", "on_receive", "{\"run\":[\"/bin/true\"],\"fire_on_untrusted\":true}", "Name: wake\n")));
        Assert.Equal("AIMX/1 OK\n", await SayAsync(host, Hook("agent", "after_send", "{\"run\":[\"/usr/bin/env\"]}", "Name: sent\n")));

        await DeliverAsync(host, "agent@mx.test", "ping");
        await host.Events.WaitAsync(EventKinds.MailHook, 1);
        const string letter = "From: agent@mx.test\nTo: second@mx.test, nobody@mx.test\nSubject: to a colleague\n\nx\n";
        Assert.StartsWith("AIMX/1 OK <", await SayAsync(host, $"AIMX/1 SEND\nContent-Length: {letter.Length}\nWait: true\n\n{letter}"), StringComparison.Ordinal);
        await host.Events.WaitAsync(EventKinds.MailSent, 1);

        // The message that came, the report of what did not arrive, and what was sent.
        await host.Events.WaitAsync(EventKinds.MailHook, 3);

        var sent = EventKinds.MailSent.Read(Assert.Single(host.Events.Of(EventKinds.MailSent)));
        Assert.Equal(("to a colleague", "agent@mx.test", "partial"), (sent.Subject, sent.EnvelopeFrom, sent.Status));
        Assert.Equal([("second@mx.test", "delivered"), ("nobody@mx.test", "failed")], sent.Recipients.Select(recipient => (recipient.Address, recipient.State)));
        Assert.Equal(sent.Id, Assert.Single(TestMail.Reader(home["state/mail"]).List("agent", MailFolder.Sent)).Id);
        var fired = host.Events.Of(EventKinds.MailHook).Select(EventKinds.MailHook.Read).OrderBy(one => one.Hook, StringComparer.Ordinal).ToList();
        Assert.Equal([("sent", "ok"), ("wake", "ok"), ("wake", "ok")], fired.Select(one => (one.Hook, one.Outcome)));
        Assert.Contains("BELLJAR_EVENT=after_send", fired[0].Output, StringComparison.Ordinal);
        Assert.Contains("BELLJAR_SEND_STATUS=partial", fired[0].Output, StringComparison.Ordinal);
        Assert.Contains($"BELLJAR_FILEPATH={home["state/mail/sent/agent"]}/{sent.Id}.md", fired[0].Output, StringComparison.Ordinal);

        Assert.Equal("AIMX/1 OK\n", await SayAsync(host, "AIMX/1 HOOK-DELETE\nMailbox: agent\nName: wake\n\n"));
        Assert.Equal("AIMX/1 OK\nContent-Length: 82\n\n[{\"mailbox\":\"agent\",\"name\":\"sent\",\"event\":\"after_send\",\"fire_on_untrusted\":false}]", await SayAsync(host, "AIMX/1 HOOK-LIST\n\n"));
    }

    [Fact]
    public async Task ForeignMailbox_OnDelete_AnswersAsAMissingOne_ToTheByte()
    {
        await using var mail = new LocalMail(ownerOf: Owner);
        Assert.Equal("AIMX/1 OK\n", await AskAsAsync(mail, Ann, "AIMX/1 MAILBOX-CREATE\nName: private\n\n"));
        foreach (var force in new[] { "", "Force: true\n" })
        {
            var foreign = await AskAsAsync(mail, Bob, $"AIMX/1 MAILBOX-DELETE\nName: private\n{force}\n");
            var configured = await AskAsAsync(mail, Bob, $"AIMX/1 MAILBOX-DELETE\nName: agent\n{force}\n");
            var missing = await AskAsAsync(mail, Bob, $"AIMX/1 MAILBOX-DELETE\nName: missing\n{force}\n");
            Assert.Equal("AIMX/1 ERR MAILBOX there is no mailbox 'missing' of yours\nCode: MAILBOX\n\n", missing);
            Assert.Equal(missing, foreign.Replace("private", "missing", StringComparison.Ordinal));
            Assert.Equal(missing, configured.Replace("agent", "missing", StringComparison.Ordinal));
        }

        Assert.NotNull(mail.Mailboxes.Find("private"));
        Assert.Equal("AIMX/1 OK\n", await AskAsAsync(mail, Ann, "AIMX/1 MAILBOX-DELETE\nName: private\n\n"));
        Assert.Null(mail.Mailboxes.Find("private"));
    }

    [Theory]
    [InlineData("..", "VALIDATION")]
    [InlineData("../agent", "VALIDATION")]
    [InlineData("a..b", "VALIDATION")]
    [InlineData("a/b", "VALIDATION")]
    [InlineData(".hidden", "VALIDATION")]
    [InlineData("dot.", "VALIDATION")]
    [InlineData("Research", "VALIDATION")]
    [InlineData("bär", "VALIDATION")]
    [InlineData("a b", "VALIDATION")]
    [InlineData("*", "VALIDATION")]
    [InlineData("agent+x", "VALIDATION")]
    [InlineData("-a", "VALIDATION")]
    [InlineData("agent", "MAILBOX")]
    [InlineData("alias", "MAILBOX")]
    [InlineData("postmaster", "EACCES")]
    [InlineData("admin", "EACCES")]
    [InlineData("link", "ECONFLICT")]
    [InlineData("file", "ECONFLICT")]
    [InlineData("earlier", "ECONFLICT")]
    public async Task Name_ThatCannotBeAMailboxs_IsRefused_AndNothingIsMade(string name, string code)
    {
        var options = TestMail.Options with { Mailboxes = [new MailboxOptions("agent", ["agent@mx.test", "alias@mx.test"], TrustPolicy.None, null)] };
        await using var mail = new LocalMail(ownerOf: Owner, options: options);
        Directory.CreateDirectory(mail.Folder["elsewhere"]);
        Directory.CreateSymbolicLink(mail.Folder["mail/inbox/link"], mail.Folder["elsewhere"]);
        await File.WriteAllTextAsync(mail.Folder["mail/sent/file"], "");
        Directory.CreateDirectory(mail.Folder["mail/inbox/earlier"]);
        await File.WriteAllTextAsync(mail.Folder["mail/inbox/earlier/of-somebody.md"], "private");
        var before = Everything(mail);

        Assert.StartsWith($"AIMX/1 ERR {code} ", await AskAsAsync(mail, Ann, $"AIMX/1 MAILBOX-CREATE\nName: {name}\n\n"), StringComparison.Ordinal);

        Assert.Equal(before, Everything(mail));
        Assert.Single(mail.Mailboxes.Options.Mailboxes);
    }

    [Fact]
    public async Task Owner_IsTheCaller_UnlessTheOperatorSaysAnother()
    {
        await using var mail = new LocalMail(ownerOf: Owner);
        Assert.Equal("AIMX/1 OK\n", await AskAsAsync(mail, Ann, "AIMX/1 MAILBOX-CREATE\nName: anns\n\n"));
        Assert.Equal("AIMX/1 OK\n", await AskAsAsync(mail, Ann, "AIMX/1 MAILBOX-CREATE\nName: anns2\nOwner: nobody\n\n"));
        Assert.Equal("AIMX/1 OK\n", await AskAsAsync(mail, Root, "AIMX/1 MAILBOX-CREATE\nName: bobs\nOwner: bin\n\n"));
        Assert.Equal("AIMX/1 OK\n", await AskAsAsync(mail, Root, "AIMX/1 MAILBOX-CREATE\nName: postmaster\n\n"));
        Assert.Equal(["65534", "65534", "2", null], mail.Mailboxes.Made.Mailboxes.Select(mailbox => mailbox.Owner));

        Assert.Equal("AIMX/1 ERR EACCES the operator alone makes mailboxes for others\nCode: EACCES\n\n", await AskAsAsync(mail, Ann, "AIMX/1 MAILBOX-CREATE\nName: x\nOwner: bin\n\n"));
        Assert.Equal("AIMX/1 ERR EACCES the operator alone makes mailboxes for others\nCode: EACCES\n\n", await AskAsAsync(mail, Ann, "AIMX/1 MAILBOX-CREATE\nName: x\nOwner: root\n\n"));
        Assert.Equal("AIMX/1 ERR VALIDATION there is no user 'no-such-user' on this machine\nCode: VALIDATION\n\n", await AskAsAsync(mail, Root, "AIMX/1 MAILBOX-CREATE\nName: x\nOwner: no-such-user\n\n"));
        Assert.StartsWith("AIMX/1 ERR VALIDATION there is no user", await AskAsAsync(mail, PeerCredentials.Unknown, "AIMX/1 MAILBOX-CREATE\nName: x\n\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhereTheOperatorAloneMakesMailboxes_OthersDoNot()
    {
        await using var mail = new LocalMail(ownerOf: Owner, options: TestMail.Options with { Making = new MakingOptions { IsForEverybody = false } });

        Assert.Equal("AIMX/1 ERR EACCES the operator alone makes mailboxes here\nCode: EACCES\n\n", await AskAsAsync(mail, Ann, "AIMX/1 MAILBOX-CREATE\nName: anns\n\n"));
        Assert.Equal("AIMX/1 OK\n", await AskAsAsync(mail, Root, "AIMX/1 MAILBOX-CREATE\nName: anns\nOwner: nobody\n\n"));
    }

    [Fact]
    public async Task MailboxOfAUser_HoldsABoundedAmount_TheOperatorsDoesNot()
    {
        await using var mail = new LocalMail(ownerOf: Owner, options: TestMail.Options with { Making = new MakingOptions { QuotaBytes = 4096 } });
        await AskAsAsync(mail, Ann, "AIMX/1 MAILBOX-CREATE\nName: anns\n\n");
        await AskAsAsync(mail, Root, "AIMX/1 MAILBOX-CREATE\nName: roots\n\n");

        Assert.True(mail.Store.IsOverQuota(mail.Mailboxes.Find("anns")!, 5000));
        Assert.False(mail.Store.IsOverQuota(mail.Mailboxes.Find("roots")!, 5000));
    }

    [Fact]
    public async Task AddressThatACatchAllReceives_IsTakenOutOfItByTheOperatorAlone()
    {
        await using var mail = new LocalMail(ownerOf: Owner, options: TestMail.Options with { Mailboxes = [TestMail.Agent, new MailboxOptions("rest", ["*@mx.test"], TrustPolicy.None, null)] });

        Assert.Equal("AIMX/1 ERR EACCES a catch-all receives billing@mx.test: the operator alone makes that mailbox\nCode: EACCES\n\n", await AskAsAsync(mail, Ann, "AIMX/1 MAILBOX-CREATE\nName: billing\n\n"));
        Assert.Equal("AIMX/1 OK\n", await AskAsAsync(mail, Root, "AIMX/1 MAILBOX-CREATE\nName: billing\nOwner: nobody\n\n"));
    }

    [Fact]
    public async Task OneUser_MakesABoundedNumber()
    {
        await using var mail = new LocalMail(ownerOf: Owner);
        mail.Mailboxes.Change(_ => new MadeMailboxes([.. Enumerable.Range(0, 100).Select(i => new MadeMailbox($"m{i}", "65534"))], []));

        Assert.Equal("AIMX/1 ERR VALIDATION one user may make 100 mailboxes\nCode: VALIDATION\n\n", await AskAsAsync(mail, Ann, "AIMX/1 MAILBOX-CREATE\nName: more\n\n"));
        Assert.Equal("AIMX/1 OK\n", await AskAsAsync(mail, Bob, "AIMX/1 MAILBOX-CREATE\nName: more\n\n"));
    }

    [Fact]
    public async Task WhoeverGetsANameNext_GetsNothingOfItsFormerOwner()
    {
        await using var mail = new LocalMail(ownerOf: Owner);
        await mail.StartAsync();
        mail.Sink.Reply = command => command.StartsWith("RCPT", StringComparison.Ordinal) ? "450 4.2.0 later" : null;
        Assert.Equal("AIMX/1 OK\n", await AskAsAsync(mail, Ann, "AIMX/1 MAILBOX-CREATE\nName: desk\n\n"));
        Assert.Equal("AIMX/1 OK\n", await AskAsAsync(mail, Ann, Hook("desk", "on_receive", "{\"run\":[\"/bin/true\"]}", "Name: wake\n")));
        MailboxPasswords.Set(mail.Folder["mail"], "desk", "correct horse battery");
        const string letter = "From: desk@mx.test\nTo: bob@b.example\nSubject: secret plan\n\nx\n";
        Assert.StartsWith("AIMX/1 OK <", await AskAsAsync(mail, Ann, $"AIMX/1 SEND\nContent-Length: {letter.Length}\nIdempotency-Key: k\nWait: true\n\n", letter), StringComparison.Ordinal);
        await mail.DeliverAsync("old mail", mail.Mailboxes.Find("desk"));

        Assert.Equal("AIMX/1 OK\n", await AskAsAsync(mail, Ann, "AIMX/1 MAILBOX-DELETE\nName: desk\nForce: true\n\n"));
        Assert.Equal("AIMX/1 OK\n", await AskAsAsync(mail, Bob, "AIMX/1 MAILBOX-CREATE\nName: desk\n\n"));

        Assert.Equal("2", mail.Mailboxes.Find("desk")!.Owner);
        Assert.Empty(mail.Mailboxes.Find("desk")!.Hooks);
        Assert.Empty(Directory.EnumerateFiles(mail.Folder["mail/logins"]));
        Assert.Null(mail.Outgoing.Queue.FindSubmission("desk", "k"));
        Assert.Empty(TestMail.Reader(mail.Folder["mail"]).List("desk"));

        // What was accepted is not lost: it still waits, and leaves no copy with the new owner.
        var waiting = Assert.Single(mail.Outgoing.Queue.List());
        Assert.Null(waiting.Mailbox);
        mail.Sink.Reply = _ => null;
        await mail.Outgoing.Queue.RetryAsync(null);
        mail.Outgoing.Ring();
        await OutgoingRig.UntilAsync(() => mail.Sink.Messages.Count == 1);
        await OutgoingRig.UntilAsync(() => mail.Outgoing.Queue.All() is []);
        Assert.Empty(TestMail.Reader(mail.Folder["mail"]).List("desk", MailFolder.Sent));
    }

    [Fact]
    public async Task Address_ThatWasRefusedWhileNobodyHadIt_IsWrittenToAgain()
    {
        await using var mail = new LocalMail(ownerOf: Owner);
        await mail.StartAsync();
        const string letter = "From: agent@mx.test\nTo: late@mx.test\nSubject: hello\n\nx\n";
        var frame = $"AIMX/1 SEND\nContent-Length: {letter.Length}\nWait: true\n\n";
        Assert.StartsWith("AIMX/1 ERR DELIVERY 550 5.1.1 no such mailbox here", await AskAsAsync(mail, Root, frame, letter), StringComparison.Ordinal);
        Assert.StartsWith("AIMX/1 ERR POLICY suppressed:", await AskAsAsync(mail, Root, frame, letter), StringComparison.Ordinal);

        Assert.Equal("AIMX/1 OK\n", await AskAsAsync(mail, Ann, "AIMX/1 MAILBOX-CREATE\nName: late\n\n"));
        Assert.StartsWith("AIMX/1 OK <", await AskAsAsync(mail, Root, frame, letter), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"run\":[\"/bin/true\"],\"shell\":true}", "PROTOCOL unknown key 'shell'; known are run, post, secret_file, timeout, fire_on_untrusted")]
    [InlineData("{\"run\":[\"/bin/true\"],\"x\\r\\nAIMX/1 OK\":1}", "PROTOCOL unknown key 'xAIMX/1 OK'; known are run, post, secret_file, timeout, fire_on_untrusted")]
    [InlineData("{\"run\":[\"/bin/true\"],\"run\":[\"/bin/false\"]}", "MALFORMED the body is not a JSON object of a hook's keys, each once and of its type")]
    [InlineData("{\"run\":\"/bin/true\"}", "MALFORMED the body is not a JSON object of a hook's keys, each once and of its type")]
    [InlineData("[]", "MALFORMED the body is not a JSON object of a hook's keys, each once and of its type")]
    [InlineData("null", "MALFORMED the body is not a JSON object of a hook's keys, each once and of its type")]
    [InlineData("", "MALFORMED the body is not a JSON object of a hook's keys, each once and of its type")]
    [InlineData("{", "MALFORMED the body is not a JSON object of a hook's keys, each once and of its type")]
    [InlineData("{\"\\ud800\":1}", "MALFORMED the body is not a JSON object of a hook's keys, each once and of its type")]
    [InlineData("{\"run\":[\"/bin/\\ud800\"]}", "MALFORMED the body is not a JSON object of a hook's keys, each once and of its type")]
    [InlineData("{\"run\":[null]}", "VALIDATION run is a program by its absolute path, then its arguments, at most 100 in all")]
    [InlineData("{\"run\":[\"true\"]}", "VALIDATION run is a program by its absolute path, then its arguments, at most 100 in all")]
    [InlineData("{\"run\":[]}", "VALIDATION run is a program by its absolute path, then its arguments, at most 100 in all")]
    [InlineData("{\"run\":[\"/bin/true\"],\"timeout\":0}", "VALIDATION timeout is a number of seconds, 1 to 600")]
    [InlineData("{\"run\":[\"/bin/true\"],\"timeout\":601}", "VALIDATION timeout is a number of seconds, 1 to 600")]
    [InlineData("{\"run\":[\"/bin/true\"],\"post\":\"https://a.example/\"}", "VALIDATION either run (a program and its arguments) or post (an address)")]
    [InlineData("{}", "VALIDATION either run (a program and its arguments) or post (an address)")]
    [InlineData("{\"post\":\"ftp://a.example/\",\"secret_file\":\"/x\"}", "VALIDATION post is an address that begins with https:// or http://, without a password")]
    [InlineData("{\"post\":\"https://a.example/\"}", "VALIDATION post needs secret_file, an absolute path")]
    [InlineData("{\"post\":\"https://a.example/\",\"secret_file\":\"/etc/shadow\"}", "EACCES the operator alone makes hooks that post")]
    public async Task Hook_ThatBreaksARule_IsRefusedToTheByte(string json, string refusal)
    {
        await using var mail = new LocalMail(ownerOf: _ => Ann.Uid);

        var code = refusal.Split(' ')[0];
        Assert.Equal($"AIMX/1 ERR {refusal}\nCode: {code}\n\n", await AskAsAsync(mail, Ann, Hook("agent", "on_receive", "", "").Replace("Content-Length: 0", $"Content-Length: {Encoding.UTF8.GetByteCount(json)}", StringComparison.Ordinal), json));
        Assert.Empty(mail.Mailboxes.Made.Hooks);
    }

    [Fact]
    public async Task Hooks_OfOthersAndOfTheConfiguration_StayAsTheyAre()
    {
        var configured = TestMail.Agent with { Hooks = [new Belljar.Mail.Hooks.HookOptions("wake", new Belljar.Mail.Hooks.HookAction.Run(["/bin/true"]))] };
        await using var mail = new LocalMail(ownerOf: _ => Ann.Uid, options: TestMail.Options with { Mailboxes = [configured] });
        const string run = "{\"run\":[\"/bin/true\"]}";

        Assert.Equal("AIMX/1 ERR VALIDATION 'agent' has a hook 'wake' already\nCode: VALIDATION\n\n", await AskAsAsync(mail, Ann, Hook("agent", "on_receive", run, "Name: wake\n")));
        Assert.Equal("AIMX/1 ERR VALIDATION the hook 'wake' stands in belljar.yaml: take it out there\nCode: VALIDATION\n\n", await AskAsAsync(mail, Ann, "AIMX/1 HOOK-DELETE\nMailbox: agent\nName: wake\n\n"));
        Assert.Equal("AIMX/1 ERR VALIDATION 'agent' stands in belljar.yaml: take it out there\nCode: VALIDATION\n\n", await AskAsAsync(mail, Ann, "AIMX/1 MAILBOX-DELETE\nName: agent\n\n"));
        Assert.Equal("AIMX/1 ERR EACCES the mailbox 'agent' is not yours\nCode: EACCES\n\n", await AskAsAsync(mail, Bob, Hook("agent", "on_receive", run, "")));
        Assert.Equal("AIMX/1 ERR EACCES the mailbox 'agent' is not yours\nCode: EACCES\n\n", await AskAsAsync(mail, Bob, "AIMX/1 HOOK-DELETE\nMailbox: agent\nName: wake\n\n"));
        Assert.Equal("AIMX/1 ERR ENOENT there is no mailbox 'missing'\nCode: ENOENT\n\n", await AskAsAsync(mail, Ann, Hook("missing", "on_receive", run, "")));
        Assert.Equal("AIMX/1 ERR ENOENT 'agent' has no hook 'missing'\nCode: ENOENT\n\n", await AskAsAsync(mail, Ann, "AIMX/1 HOOK-DELETE\nMailbox: agent\nName: missing\n\n"));
        Assert.Equal("AIMX/1 OK\n", await AskAsAsync(mail, Ann, Hook("agent", "on_receive", run, "")));
        Assert.Equal("AIMX/1 ERR VALIDATION 'agent' has a hook '" + mail.Mailboxes.Made.Hooks[0].Name + "' already\nCode: VALIDATION\n\n", await AskAsAsync(mail, Ann, Hook("agent", "on_receive", run, "")));
    }

    [Fact]
    public async Task Configuration_ThatNamesItLater_IsRight()
    {
        await using var mail = new LocalMail(ownerOf: Owner);
        await AskAsAsync(mail, Ann, "AIMX/1 MAILBOX-CREATE\nName: both\n\n");
        await AskAsAsync(mail, Ann, "AIMX/1 MAILBOX-CREATE\nName: taken\n\n");
        var later = TestMail.Options with
        {
            Mailboxes = [TestMail.Agent, new MailboxOptions("both", ["both@mx.test"], TrustPolicy.Verified, 4096), new MailboxOptions("other", ["other@mx.test", "taken@mx.test"], TrustPolicy.None, null)],
        };

        var all = MailboxRegistry.Open(mail.Folder["mail"], later);

        Assert.Equal(["agent", "both", "other"], all.Options.Mailboxes.Select(mailbox => mailbox.Name));
        Assert.Equal(4096, all.Find("both")!.QuotaBytes);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("{\"mailboxes\":[{\"name\":\"../../etc\"}],\"hooks\":[]}")]
    [InlineData("{\"mailboxes\":[{\"name\":\"a\"},{\"name\":\"a\"}],\"hooks\":[]}")]
    [InlineData("{\"mailboxes\":[],\"hooks\":[{\"mailbox\":\"a\",\"name\":\"x\",\"event\":\"never\",\"does\":{\"run\":[\"/bin/true\"]}}]}")]
    [InlineData("{\"mailboxes\":[]}")]
    [InlineData("{\"mailboxes\":[],\"hooks\":[],\"more\":1}")]
    public void FileOfWhatWasMade_Broken_IsNotPassedOver(string content)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["mailboxes.json"], content);

        var refused = Assert.Throws<OperatorException>(() => MailboxRegistry.Open(folder.Path, TestMail.Options));
        Assert.Contains(folder["mailboxes.json"], refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deleting_WhileMailArrives_LosesNothingThatWasAcknowledged()
    {
        await using var mail = new LocalMail(ownerOf: Owner);
        await AskAsAsync(mail, Ann, "AIMX/1 MAILBOX-CREATE\nName: busy\n\n");
        var busy = mail.Mailboxes.Find("busy")!;
        var arriving = Enumerable.Range(0, 200).Select(i => Task.Run(async () =>
            await mail.Store.DeliverAsync(TestMail.Received(TimeProvider.System, TestMail.Message($"m{i}")), [TestMail.To(busy)]) is not null)).ToList();
        string answer;
        do
        {
            answer = await AskAsAsync(mail, Ann, "AIMX/1 MAILBOX-DELETE\nName: busy\n\n");
        }
        while (answer.StartsWith("AIMX/1 ERR TEMP", StringComparison.Ordinal));

        var stored = (await Task.WhenAll(arriving)).Count(isStored => isStored);
        if (answer == "AIMX/1 OK\n")
        {
            // It was empty, and closed: from then on every sender was told to try again.
            Assert.Equal(0, stored);
        }
        else
        {
            Assert.StartsWith("AIMX/1 ERR NONEMPTY", answer, StringComparison.Ordinal);
            Assert.Equal(stored, Directory.GetFiles(mail.Folder["mail/inbox/busy"], "*.md").Length);
        }
    }

    /// <summary>Made mailboxes belong to whom they say, configured ones to nobody.</summary>
    private static int? Owner(MailboxOptions mailbox) => mailbox.Owner is { } uid ? int.Parse(uid, System.Globalization.CultureInfo.InvariantCulture) : null;

    private static string Hook(string mailbox, string when, string json, string more) => $"AIMX/1 HOOK-CREATE\nMailbox: {mailbox}\nEvent: {when}\n{more}Content-Length: {json.Length}\n\n{json}";

    private static List<string> Everything(LocalMail mail) => [.. Directory.EnumerateFileSystemEntries(mail.Folder["mail"], "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None }).Where(path => !path.Contains("queue.db", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    private static Task<string> SayAsync(MailHost host, string frame) => LocalMail.AskAsync(host.Context.Paths.MailSocket, Encoding.UTF8.GetBytes(frame));

    private static async Task DeliverAsync(MailHost host, string to, string subject)
    {
        using var client = await LineClient.ConnectAsync(host.Address);
        Assert.True(await client.DeliverAsync(to, TestMail.Message(subject)));
    }

    private static async Task<string> AskAsAsync(LocalMail mail, PeerCredentials caller, string frame, string body = "")
    {
        var reader = new AimxRequestReader();
        var bytes = Encoding.UTF8.GetBytes(frame);
        Assert.Equal(AimxReadStatus.Complete, reader.Read(bytes, out var consumed));
        byte[] whole = [.. bytes[consumed..], .. Encoding.UTF8.GetBytes(body)];
        return Encoding.UTF8.GetString(await mail.Verbs.AnswerAsync(reader.Request!, whole, caller, TestContext.Current.CancellationToken));
    }
}
