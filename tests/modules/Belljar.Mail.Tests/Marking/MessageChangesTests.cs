using Belljar.Mail.Marking;
using Belljar.Mail.Reading;
using Belljar.Mail.Storage;
using Belljar.Testing;

namespace Belljar.Mail.Tests.Marking;

public sealed class MessageChangesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ManualClock _clock = new();
    private readonly MailStore _store;
    private readonly MailReader _reader;
    private readonly MessageChanges _changes;

    public MessageChangesTests()
    {
        _store = TestMail.OpenStore(_folder.Path, _clock);
        _reader = TestMail.Reader(_folder.Path);
        _changes = new MessageChanges(_folder.Path, new MailboxLocks(), _clock);
    }

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task MarkRead_IsListedAndCanBeTakenBack()
    {
        var id = await DeliverAsync("one +++ two");

        Assert.Equal(ChangeOutcome.Done, _changes.MarkRead("agent", MailFolder.Inbox, id, read: true));
        Assert.True(Assert.Single(_reader.List("agent")).IsRead);
        var first = _reader.Show("agent", id)!.Frontmatter.GetDateTime("read_at");
        Assert.Equal(_clock.GetUtcNow(), first);
        _clock.Advance(TimeSpan.FromMinutes(1));
        _changes.MarkRead("agent", MailFolder.Inbox, id, read: true);
        Assert.Equal(first, _reader.Show("agent", id)!.Frontmatter.GetDateTime("read_at"));

        Assert.Equal(ChangeOutcome.Done, _changes.MarkRead("agent", MailFolder.Inbox, id, read: false));
        Assert.False(Assert.Single(_reader.List("agent")).IsRead);
        Assert.False(_reader.Show("agent", id)!.Frontmatter.ContainsKey("read_at"));
    }

    [Fact]
    public async Task Labels_AreReplaced()
    {
        var id = await DeliverAsync("one");

        _changes.Label("agent", MailFolder.Inbox, id, ["todo", "a\"b\nc"]);
        Assert.Equal(["todo", "a\"b\nc"], _reader.Show("agent", id)!.Frontmatter.GetStrings("labels"));
        _changes.Label("agent", MailFolder.Inbox, id, []);
        Assert.False(_reader.Show("agent", id)!.Frontmatter.ContainsKey("labels"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Delete_RemovesAllOfAMessage(bool withAttachment)
    {
        var id = await DeliverAsync("one", withAttachment);
        await DeliverAsync("two");

        Assert.Equal(ChangeOutcome.Done, _changes.Delete("agent", MailFolder.Inbox, id));

        Assert.Equal("two", Assert.Single(_reader.List("agent")).Subject);
        Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(_folder["inbox/agent"], "*", SearchOption.AllDirectories), path => path.Contains(id, StringComparison.Ordinal));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder["inbox/agent"], ".*"));
        Assert.Equal(ChangeOutcome.NoMessage, _changes.Delete("agent", MailFolder.Inbox, id));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Move_TakesAllOfAMessageWithIt(bool withAttachment)
    {
        var id = await DeliverAsync("one", withAttachment);
        await DeliverAsync("one", withAttachment, TestMail.Second);
        var before = _reader.Show("agent", id)!;
        var raw = await File.ReadAllBytesAsync(before.RawPath!, TestContext.Current.CancellationToken);

        Assert.Equal(ChangeOutcome.Done, _changes.Move("agent", MailFolder.Inbox, id, "second", out var moved));

        Assert.Equal(id + "-2", moved);
        Assert.Empty(_reader.List("agent"));
        Assert.Equal(2, _reader.List("second").Count);
        var after = _reader.Show("second", moved!)!;
        Assert.Equal((moved, "second"), (after.Frontmatter.GetString("id"), after.Frontmatter.GetString("mailbox")));
        Assert.Equal(before.Body, after.Body);
        Assert.Equal(raw, await File.ReadAllBytesAsync(after.RawPath!, TestContext.Current.CancellationToken));
        Assert.Equal(before.AttachmentPaths.Select(Path.GetFileName), after.AttachmentPaths.Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("agent", "../second/x")]
    [InlineData("agent", "..")]
    [InlineData("agent", "")]
    [InlineData("agent", "raw")]
    [InlineData("agent", "a/b")]
    [InlineData("agent", "a\0b")]
    [InlineData("../agent", "x")]
    [InlineData("agent", "nothing-there")]
    public void Id_ThatIsNone_FindsNoMessage(string mailbox, string id)
    {
        Assert.Equal(ChangeOutcome.NoMessage, _changes.MarkRead(mailbox, MailFolder.Inbox, id, read: true));
        Assert.Equal(ChangeOutcome.NoMessage, _changes.Delete(mailbox, MailFolder.Inbox, id));
    }

    [Fact]
    public void Link_IsNoMessage()
    {
        File.WriteAllText(_folder["secret"], "+++\nread = false\n+++\n");
        File.CreateSymbolicLink(_folder["inbox/agent/planted.md"], _folder["secret"]);
        Directory.CreateDirectory(_folder["elsewhere"]);
        File.WriteAllText(_folder["elsewhere/folder.md"], "+++\nread = false\n+++\n");
        Directory.CreateSymbolicLink(_folder["inbox/agent/folder"], _folder["elsewhere"]);

        Assert.Equal(ChangeOutcome.NoMessage, _changes.MarkRead("agent", MailFolder.Inbox, "planted", read: true));
        Assert.Equal(ChangeOutcome.NoMessage, _changes.MarkRead("agent", MailFolder.Inbox, "folder", read: true));
        Assert.Equal(ChangeOutcome.NoMessage, _changes.Delete("agent", MailFolder.Inbox, "folder"));
        Assert.Equal("+++\nread = false\n+++\n", File.ReadAllText(_folder["secret"]));
    }

    [Fact]
    public async Task BrokenFile_IsLeftAsItIs()
    {
        var id = await DeliverAsync("one");
        File.WriteAllText(_folder[$"inbox/agent/{id}.md"], "+++\nread = \n+++\nkept\n");

        Assert.Equal(ChangeOutcome.Broken, _changes.MarkRead("agent", MailFolder.Inbox, id, read: true));
        Assert.Equal("+++\nread = \n+++\nkept\n", File.ReadAllText(_folder[$"inbox/agent/{id}.md"]));
    }

    [Fact]
    public async Task ManyAtOnce_LoseNoChange()
    {
        var ids = new List<string>();
        for (var i = 0; i < 8; i++)
        {
            ids.Add(await DeliverAsync($"message {i}"));
        }

        await Parallel.ForEachAsync(Enumerable.Range(0, 200), TestContext.Current.CancellationToken, async (i, _) =>
        {
            var id = ids[i % ids.Count];
            if (i % 10 == 0)
            {
                await DeliverAsync($"meanwhile {i}");
            }

            Assert.Equal(ChangeOutcome.Done, i % 2 == 0 ? _changes.MarkRead("agent", MailFolder.Inbox, id, read: true) : _changes.Label("agent", MailFolder.Inbox, ids[(i + 1) % ids.Count], [$"l{i}"]));
        });

        var listed = _reader.List("agent");
        Assert.Equal(28, listed.Count);
        var even = ids.Where((_, i) => i % 2 == 0).ToList();
        Assert.All(even, id =>
        {
            var message = _reader.Show("agent", id)!;
            Assert.True(message.Summary.IsRead);
            Assert.Single(message.Frontmatter.GetStrings("labels")!);
        });
    }

    private async Task<string> DeliverAsync(string subject, bool withAttachment = false, MailboxOptions? to = null)
    {
        var message = withAttachment
            ? $"Subject: {subject}\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\ntext\n--b\nContent-Disposition: attachment; filename=a.txt\n\nx\n--b--\n"
            : TestMail.Message(subject);
        var stored = await _store.DeliverAsync(TestMail.Received(_clock, message), [TestMail.To(to ?? TestMail.Agent)]);
        return Assert.Single(stored!).Id;
    }
}
