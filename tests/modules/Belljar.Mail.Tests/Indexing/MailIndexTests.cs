using System.Text;
using Belljar.Hosting;
using Belljar.Mail.Indexing;
using Belljar.Mail.Reading;
using Belljar.Mail.Storage;
using Belljar.Testing;

namespace Belljar.Mail.Tests.Indexing;

public sealed class MailIndexTests : IDisposable
{
    private static readonly CancellationToken Ct = CancellationToken.None;

    private readonly TemporaryFolder _folder = new();
    private readonly ManualClock _clock = new();
    private MailIndex _index;

    public MailIndexTests() => _index = MailIndex.Open(_folder.Path, _clock);

    private MailReader Reader => new(_folder.Path, TestMail.Options, _index);

    public void Dispose()
    {
        _index.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Search_FindsWordsOfSubjectBodySenderAndFiles()
    {
        await DeliverAsync("Rechnung für März", "Bitte überweisen.\n");
        await DeliverAsync("Hello", "nothing of note\n");
        Assert.Equal(["Rechnung für März"], Find("rechnung"));
        Assert.Equal(["Rechnung für März"], Find("uberweisen"));
        Assert.Equal(["Rechnung für März"], Find("rech* marz"));
        Assert.Equal(["Hello"], Find("-rechnung from:alice"));
        Assert.Equal(["Hello"], Find("\"of note\""));
        Assert.Empty(Find("\"note of\""));
        Assert.Empty(Find("subject:note"));
        Assert.Equal(["Hello"], Find("body:note is:unread since:2026-03-14 before:2026-03-15"));
        Assert.Empty(Find("is:read"));
        Assert.Empty(Find("has:attachment"));
    }

    [Fact]
    public async Task Search_InOneMailbox_FindsNothingOfAnother()
    {
        await DeliverAsync("shared words", "x\n", TestMail.Agent, TestMail.Second);
        Assert.Equal(2, Reader.Search("shared", null, 10, Ct).Count);
        Assert.Equal("second", Assert.Single(Reader.Search("shared", "second", 10, Ct)).Mailbox);
    }

    [Theory]
    [InlineData("\"")]
    [InlineData("' OR 1=1 --")]
    [InlineData("a\" OR \"b")]
    [InlineData("NEAR(a b)")]
    [InlineData("sender : a")]
    [InlineData("a AND")]
    [InlineData("( ) * ^ { }")]
    [InlineData("-")]
    [InlineData("- *")]
    [InlineData("***")]
    [InlineData("from:")]
    [InlineData("from:\"x")]
    [InlineData("foo:bar:\"baz\" -\"q")]
    [InlineData("\0a\uD800")]
    public async Task Search_WhateverIsTyped_IsNoMistakeOfSyntax(string query)
    {
        await DeliverAsync("Hello", "x\n");
        Assert.NotNull(Reader.Search(query, null, 10, Ct));
    }

    [Theory]
    [InlineData("is:new")]
    [InlineData("since:yesterday")]
    [InlineData("trusted:maybe")]
    public void Search_TermThatIsNone_IsExplained(string query) => Assert.Throws<OperatorException>(() => Reader.Search(query, null, 10, Ct));

    [Fact]
    public async Task Files_EditedAddedAndRemovedByHand_AreNoticed()
    {
        await DeliverAsync("first", "apple\n");
        await DeliverAsync("second", "pear\n");
        Assert.Equal(["second", "first"], Find("from:alice"));

        var inbox = _folder["inbox/agent"];
        var file = Directory.GetFiles(inbox, "*first.md").Single();
        File.WriteAllText(file, File.ReadAllText(file).Replace("apple", "grape", StringComparison.Ordinal));
        File.Delete(Directory.GetFiles(inbox, "*second.md").Single());
        File.WriteAllText(Path.Combine(inbox, "mine.md"), "+++\nsubject = \"by hand\"\nlabels = [\"todo\"]\n+++\n\nbanana\n");

        Assert.Equal(["first"], Find("grape"));
        Assert.Empty(Find("apple"));
        Assert.Empty(Find("pear"));
        Assert.Equal(["by hand"], Find("banana label:todo"));
        Assert.Equal(2, Reader.Mailboxes().Single(mailbox => mailbox.Name == "agent").Messages);
    }

    [Fact]
    public async Task File_ChangedInPlaceWithItsTimeAndSizeKept_IsNoticed()
    {
        await DeliverAsync("first", "apple\n");
        Assert.Equal(["first"], Find("apple"));
        var file = Directory.GetFiles(_folder["inbox/agent"], "*first.md").Single();
        var time = File.GetLastWriteTimeUtc(file);
        using (var handle = File.OpenHandle(file, access: FileAccess.Write))
        {
            RandomAccess.Write(handle, "grape"u8, File.ReadAllText(file, Encoding.UTF8).IndexOf("apple", StringComparison.Ordinal));
        }

        File.SetLastWriteTimeUtc(file, time);
        Assert.Equal(["first"], Find("grape"));
    }

    [Fact]
    public async Task Counts_AndLists_AreTheSameWithAndWithoutIndex()
    {
        for (var i = 0; i < 5; i++)
        {
            await DeliverAsync($"message {i}", "x\n", TestMail.Agent, TestMail.Second);
            _clock.Advance(TimeSpan.FromSeconds(i % 2));
        }

        var read = Directory.GetFiles(_folder["inbox/agent"], "*message-3.md").Single();
        File.WriteAllText(read, File.ReadAllText(read).Replace("read = false", "read = true", StringComparison.Ordinal));
        File.WriteAllText(Path.Combine(_folder["inbox/agent"], "broken.md"), "no frontmatter");
        var files = TestMail.Reader(_folder.Path);

        Assert.Equal(files.Mailboxes(), Reader.Mailboxes());
        Assert.Equal(files.List("agent"), Reader.List("agent"));
        Assert.Equal(files.List("agent", unreadOnly: true, limit: 3), Reader.List("agent", unreadOnly: true, limit: 3));
        Assert.Equal(5, Reader.List("agent", unreadOnly: true).Count);
    }

    [Fact]
    public async Task Index_DeletedOrDestroyed_LosesNothing()
    {
        await DeliverAsync("keep me", "apple\n");
        Assert.Equal(["keep me"], Find("apple"));
        _index.Dispose();
        File.WriteAllBytes(_folder["index.db"], Encoding.UTF8.GetBytes(new string('x', 20000)));

        _index = MailIndex.Open(_folder.Path, _clock);
        Assert.Equal(["keep me"], Find("apple"));
        Assert.Equal(1, _index.Rebuild(null, Ct));
        Assert.Equal(["keep me"], Find("apple"));
    }

    [Fact]
    public async Task Refresh_WithNothingNew_ReadsNothing()
    {
        await DeliverAsync("first", "x\n");
        var file = Directory.GetFiles(_folder["inbox/agent"], "*first.md").Single();

        // The kernel's file times are coarse: until the file's is past, a look reads it once more.
        while (FileStamp.Of(file)!.Value.Settled().Changed == 0)
        {
            await Task.Yield();
        }

        _index.RefreshAll(null, Ct);
        Assert.Equal(default, _index.RefreshAll(null, Ct));
    }

    [Fact]
    public async Task Mailbox_WhoseFolderIsGone_IsForgotten()
    {
        await DeliverAsync("first", "x\n");
        Assert.Single(Find("first"));
        Directory.Delete(_folder["inbox/agent"], recursive: true);
        Assert.Empty(Find("first"));
    }

    private IReadOnlyList<string> Find(string query) => [.. Reader.Search(query, null, 10, Ct).Select(found => found.Message.Subject)];

    private async Task DeliverAsync(string subject, string body, params MailboxOptions[] mailboxes)
    {
        using var store = TestMail.OpenStore(_folder.Path, _clock);
        var stored = await store.DeliverAsync(
            TestMail.Received(_clock, TestMail.Message(subject, body: body)), [.. (mailboxes.Length == 0 ? [TestMail.Agent] : mailboxes).Select(TestMail.To)]);
        Assert.NotEmpty(stored!);
        _clock.Advance(TimeSpan.FromSeconds(1));
    }
}
