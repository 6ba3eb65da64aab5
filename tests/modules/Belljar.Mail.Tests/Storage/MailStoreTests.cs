using System.Text;
using Belljar.Hosting;
using Belljar.Mail.Storage;
using Belljar.Testing;
using Belljar.Toml;

namespace Belljar.Mail.Tests.Storage;

public sealed class MailStoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ManualClock _clock = new();
    private MailStore _store;

    public MailStoreTests() => _store = TestMail.OpenStore(_folder.Path, _clock);

    private string Inbox => _folder["inbox/agent"];

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Message_Stored_IsMarkdownWithOrderedFrontmatter()
    {
        var stored = await DeliverAsync(
            """
            From: Alice =?utf-8?q?=C3=84?= <alice@example.org>
            To: agent@mx.test, "Bob, B." <bob@example.org>
            Cc: carol@example.org
            Reply-To: list@example.org
            Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=
            Date: Sat, 14 Mar 2026 10:00:00 +0100
            Message-ID: <m2@example.org>
            In-Reply-To: <m1@example.org>
            References: <m0@example.org> <m1@example.org>
            List-Id: Talk <talk.example.org>
            Auto-Submitted: auto-replied

            Hello,
            +++
            world.

            """);
        Assert.Equal("2026-03-14-092653-grüße", Assert.Single(stored!).Id);
        var text = await File.ReadAllTextAsync(Path.Combine(Inbox, "2026-03-14-092653-grüße.md"));
        Assert.Equal(
            $"""
            +++
            id = "2026-03-14-092653-grüße"
            message_id = "m2@example.org"
            thread_id = "{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData("m0@example.org"u8)[..8])}"
            from = "Alice Ä <alice@example.org>"
            to = "agent@mx.test, \"Bob, B.\" <bob@example.org>"
            cc = "carol@example.org"
            reply_to = "list@example.org"
            delivered_to = "agent@mx.test"
            envelope_from = "alice@example.org"
            subject = "Grüße"
            date = 2026-03-14T10:00:00+01:00
            received_at = 2026-03-14T09:26:53Z
            received_from_ip = "192.0.2.1"
            size_bytes = {new FileInfo(Raw("2026-03-14-092653-grüße")).Length - TraceLength("2026-03-14-092653-grüße")}
            in_reply_to = "m1@example.org"
            references = ["m0@example.org", "m1@example.org"]
            list_id = "Talk <talk.example.org>"
            auto_submitted = "auto-replied"
            trusted = "none"
            mailbox = "agent"
            read = false
            +++

            Hello,
            +++
            world.

            """.ReplaceLineEndings("\n"),
            text);
    }

    [Fact]
    public async Task Message_WithAlmostNothing_IsStored()
    {
        var stored = await DeliverAsync("");
        Assert.Equal("2026-03-14-092653-no-subject", Assert.Single(stored!).Id);
        var shown = TestMail.Reader(_folder.Path).Show("agent", stored![0].Id)!;
        Assert.Null(shown.Summary.Problem);
        Assert.Equal(16, shown.Frontmatter.GetString("thread_id")!.Length);
        Assert.False(shown.Frontmatter.ContainsKey("message_id"));
    }

    [Fact]
    public async Task RawMessage_IsKeptToTheByteBehindOurTrace()
    {
        var message = TestMail.Received(_clock, TestMail.Message());
        var stored = await _store.DeliverAsync(message, [TestMail.To(TestMail.Agent)]);
        var raw = await File.ReadAllBytesAsync(Raw(stored![0].Id));
        var trace = Encoding.UTF8.GetString(raw.AsSpan(0, raw.Length - message.Raw.Length));
        Assert.Matches(
            @"^Return-Path: <alice@example\.org>\r\nReceived: from client\.test \(\[192\.0\.2\.1\]\)\r\n\tby mx\.test with ESMTP id [0-9a-f]{32}\r\n\tfor <agent@mx\.test>; Sat, 14 Mar 2026 09:26:53 \+0000\r\n$",
            trace);
        Assert.Equal(message.Raw.ToArray(), raw[^message.Raw.Length..]);
    }

    [Theory]
    [InlineData("x\r\nBcc: evil (c) <a>", "x??Bcc:??c???a?")]
    [InlineData("[192.0.2.1]", "[192.0.2.1]")]
    public void Trace_HelloNameThatTriesMore_IsHarmless(string name, string shown)
    {
        var trace = (TestMail.Received(_clock, "") with { HelloName = name }).TraceFields("mx.test", "agent@mx.test", "id");
        Assert.Contains($"Received: from {shown.Replace("Bcc:??c?", "Bcc:?evil??c?", StringComparison.Ordinal)} ([192.0.2.1])\r\n", Encoding.UTF8.GetString(trace), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Attachments_AreFilesBesideTheMessage()
    {
        var stored = await DeliverAsync(
            """
            Subject: files
            MIME-Version: 1.0
            Content-Type: multipart/mixed; boundary=b

            --b
            Content-Type: text/plain

            See the files.
            --b
            Content-Type: application/octet-stream
            Content-Disposition: attachment; filename="../../evil.bin"
            Content-Transfer-Encoding: base64

            AAECAw==
            --b
            Content-Type: image/png
            Content-Disposition: attachment; filename="2026-03-14-092653-files.md"

            x
            --b
            Content-Type: message/rfc822

            Subject: inner

            text
            --b--
            """);
        var id = Assert.Single(stored!).Id;
        var folder = Path.Combine(Inbox, id);
        Assert.Equal(
            ["2026-03-14-092653-files-2.md", "2026-03-14-092653-files.md", "evil.bin", "message.eml"],
            Directory.EnumerateFiles(folder).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal));
        Assert.Equal([0, 1, 2, 3], await File.ReadAllBytesAsync(Path.Combine(folder, "evil.bin")));
        Assert.False(File.Exists(Path.Combine(Inbox, id + ".md")));
        var shown = TestMail.Reader(_folder.Path).Show("agent", id)!;
        Assert.Equal(3, shown.AttachmentPaths.Count);
        Assert.StartsWith("See the files.", shown.Body, StringComparison.Ordinal);
        var first = shown.Frontmatter.GetTables("attachments")[0];
        Assert.Equal(("evil.bin", "application/octet-stream", 4L, "evil.bin"), (first.GetString("filename"), first.GetString("content_type"), first.GetInteger("size"), first.GetString("path")));
    }

    [Fact]
    public async Task Names_ThatCollide_AreNumbered()
    {
        var ids = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            ids.Add((await DeliverAsync(TestMail.Message("same")))![0].Id);
        }

        File.Delete(Path.Combine(Inbox, ids[1] + ".md"));
        ids.Add((await DeliverAsync(TestMail.Message("same")))![0].Id);
        Assert.Equal(["2026-03-14-092653-same", "2026-03-14-092653-same-2", "2026-03-14-092653-same-3", "2026-03-14-092653-same-4"], ids);
    }

    [Fact]
    public async Task Names_OfManyWritersAtOnce_AreAllDifferent()
    {
        var stored = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => DeliverAsync(TestMail.Message("same"))));
        Assert.Equal(60, stored.Select(one => one![0].Id).Distinct().Count());
        Assert.Equal(60, TestMail.Reader(_folder.Path).List("agent").Count);
        Assert.Equal(60, Directory.EnumerateFiles(Path.Combine(Inbox, "raw"), "*.eml").Count());
    }

    [Fact]
    public async Task Modes_AreForOwnerAndGroup()
    {
        var id = (await DeliverAsync(TestMail.Message()))![0].Id;
        const UnixFileMode file = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;
        Assert.Equal(file, File.GetUnixFileMode(Path.Combine(Inbox, id + ".md")));
        Assert.Equal(file, File.GetUnixFileMode(Raw(id)));
        Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(Inbox) & (UnixFileMode.OtherRead | UnixFileMode.OtherExecute | UnixFileMode.GroupWrite));
    }

    [Fact]
    public async Task Trusted_WithAPolicy_IsNeverTrueWithoutProof()
    {
        var stored = await _store.DeliverAsync(TestMail.Received(_clock, TestMail.Message()), [TestMail.To(TestMail.Agent), TestMail.To(TestMail.Second)]);
        Assert.Equal(["none", "false"], stored!.Select(message => message.Trusted));
        Assert.Equal("false", TestMail.Reader(_folder.Path).List("second")[0].Trusted);
    }

    [Fact]
    public async Task Duplicate_WithinADay_IsAcceptedAndNotStored()
    {
        var message = TestMail.Message(id: "one");
        Assert.Single((await DeliverAsync(message))!);
        _clock.Advance(TimeSpan.FromHours(23));
        Assert.Empty((await DeliverAsync(message))!);
        Assert.Single((await DeliverAsync(message.Replace("Hi", "Ho", StringComparison.Ordinal)))!);
        _clock.Advance(TimeSpan.FromHours(2));
        Assert.Single((await DeliverAsync(message))!);
    }

    [Fact]
    public async Task Duplicate_AfterARestart_IsStillOne()
    {
        var message = TestMail.Message(id: "one");
        await DeliverAsync(message);
        Reopen();
        Assert.Empty((await DeliverAsync(message))!);
        Assert.Single((await DeliverAsync(message.Replace("Hi", "Ho", StringComparison.Ordinal)))!);
        Assert.Empty((await DeliverAsync(message.Replace("Hi", "Ho", StringComparison.Ordinal)))!);
    }

    [Fact]
    public async Task Message_WhoseRawAloneWasNamedBeforeAKill_IsNoDuplicate()
    {
        var message = TestMail.Message("killed between two names", "k@example.org");
        var id = (await _store.DeliverAsync(TestMail.Received(_clock, message), [TestMail.To(TestMail.Agent)]))![0].Id;
        _store.Dispose();
        File.Delete(Path.Combine(Inbox, id + ".md"));
        _store = TestMail.OpenStore(_folder.Path, _clock);
        Assert.Single((await _store.DeliverAsync(TestMail.Received(_clock, message), [TestMail.To(TestMail.Agent)]))!);
        Assert.Single(TestMail.Reader(_folder.Path).List("agent"));
    }

    [Fact]
    public async Task Duplicate_AfterARestartAndADay_IsNone()
    {
        var message = TestMail.Message(id: "one");
        await DeliverAsync(message);
        _clock.Advance(TimeSpan.FromHours(20));
        Reopen();
        await DeliverAsync(TestMail.Message(id: "two"));
        _clock.Advance(TimeSpan.FromHours(5));
        Assert.Single((await DeliverAsync(message))!);
    }

    [Fact]
    public async Task Duplicate_InOneOfTwoMailboxes_GoesToTheOther()
    {
        var message = TestMail.Message(id: "one");
        await DeliverAsync(message);
        var stored = await _store.DeliverAsync(TestMail.Received(_clock, message), [TestMail.To(TestMail.Agent), TestMail.To(TestMail.Second)]);
        Assert.Equal("second", Assert.Single(stored!).Mailbox);
    }

    [Fact]
    public async Task Duplicate_WithoutAnId_IsNone()
    {
        Assert.Single((await DeliverAsync("Subject: x\n\nsame"))!);
        Assert.Single((await DeliverAsync("Subject: x\n\nsame"))!);
    }

    [Fact]
    public async Task Duplicates_SentAtOnce_AreStoredOnceAndNeverLost()
    {
        var message = TestMail.Message(id: "one");
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => DeliverAsync(message)));
        Assert.Equal(1, answers.Sum(answer => answer?.Count ?? 0));
        Assert.Single(TestMail.Reader(_folder.Path).List("agent"));
    }

    [Fact]
    public async Task Failure_InOneMailbox_DeliversToNone()
    {
        // A file where the second mailbox's folder of raw messages should be.
        Directory.Delete(_folder["inbox/second/raw"]);
        await File.WriteAllTextAsync(_folder["inbox/second/raw"], "");
        var message = TestMail.Message(id: "one");
        var stored = await _store.DeliverAsync(TestMail.Received(_clock, message), [TestMail.To(TestMail.Agent), TestMail.To(TestMail.Second)]);
        Assert.Null(stored);
        Assert.Equal(["raw"], Directory.EnumerateFileSystemEntries(Inbox).Select(path => Path.GetFileName(path)));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(Inbox, "raw")));

        File.Delete(_folder["inbox/second/raw"]);
        Directory.CreateDirectory(_folder["inbox/second/raw"]);
        stored = await _store.DeliverAsync(TestMail.Received(_clock, message), [TestMail.To(TestMail.Agent), TestMail.To(TestMail.Second)]);
        Assert.Equal(2, stored!.Count);
    }

    [Fact]
    public async Task Leftovers_OfACrash_AreNotListedAndSweptAtTheNextStart()
    {
        await File.WriteAllTextAsync(Path.Combine(Inbox, ".tmp-1.md"), "+++\nid = \"half");
        Directory.CreateDirectory(Path.Combine(Inbox, ".tmp-2"));
        await File.WriteAllTextAsync(Path.Combine(Inbox, ".tmp-2/x.md"), "");
        await File.WriteAllTextAsync(Path.Combine(Inbox, "raw/.tmp-3.eml"), "");
        await File.WriteAllTextAsync(Path.Combine(_store.Layout.Arriving, "abc"), "");
        Assert.Empty(TestMail.Reader(_folder.Path).List("agent"));
        Reopen();
        Assert.Equal(["raw"], Directory.EnumerateFileSystemEntries(Inbox).Select(path => Path.GetFileName(path)));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(Inbox, "raw")));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_store.Layout.Arriving));
    }

    [Fact]
    public void Store_OpenedTwice_IsRefused()
    {
        var refused = Assert.Throws<OperatorException>(() => TestMail.OpenStore(_folder.Path, _clock));
        Assert.Contains("another process", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Quota_Reached_IsSaidAndFreedByDeleting()
    {
        _store.Dispose();
        var small = TestMail.Agent with { QuotaBytes = 4000 };
        _store = TestMail.OpenStore(_folder.Path, _clock, TestMail.Options with { Mailboxes = [small] });
        Assert.False(_store.IsOverQuota(small, 100));
        Assert.True(_store.IsOverQuota(small, 5000));
        await _store.DeliverAsync(TestMail.Received(_clock, TestMail.Message(body: new string('x', 3000))), [TestMail.To(small)]);
        Assert.True(_store.IsOverQuota(small, 0));
        foreach (var file in Directory.EnumerateFiles(Inbox, "*", SearchOption.AllDirectories))
        {
            File.Delete(file);
        }

        _clock.Advance(TimeSpan.FromSeconds(61));
        Assert.False(_store.IsOverQuota(small, 0));
    }

    [Theory]
    [InlineData("+++")]
    [InlineData("=?utf-8?q?a=0A+++=0Aread_=3D_true?=")]
    [InlineData("\"quotes\" and \\ and '''")]
    [InlineData("=?utf-8?q?=E2=80=AE_bidi?=")]
    public async Task Subject_ThatLooksLikeFrontmatter_BreaksNothing(string subject)
    {
        var stored = await DeliverAsync(TestMail.Message(subject, body: "body\n"));
        var shown = TestMail.Reader(_folder.Path).Show("agent", stored![0].Id)!;
        Assert.Null(shown.Summary.Problem);
        Assert.False(shown.Summary.IsRead);
        Assert.Equal("body\n", shown.Body);
        Assert.Equal(stored[0].Content.Subject, shown.Frontmatter.GetString("subject"));
    }

    private Task<IReadOnlyList<DeliveredMessage>?> DeliverAsync(string text) =>
        _store.DeliverAsync(TestMail.Received(_clock, text), [TestMail.To(TestMail.Agent)]);

    private string Raw(string id) => Path.Combine(Inbox, "raw", id + ".eml");

    private int TraceLength(string id) => Encoding.UTF8.GetByteCount(File.ReadAllText(Raw(id)).Split("From: Alice")[0]);

    private void Reopen()
    {
        _store.Dispose();
        _store = TestMail.OpenStore(_folder.Path, _clock);
    }
}
