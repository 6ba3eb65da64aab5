using Belljar.Mail.Reading;
using Belljar.Mail.Storage;
using Belljar.Testing;

namespace Belljar.Mail.Tests.Reading;

public sealed class MailReaderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ManualClock _clock = new();
    private readonly MailStore _store;
    private readonly MailReader _reader;

    public MailReaderTests()
    {
        _store = TestMail.OpenStore(_folder.Path, _clock);
        _reader = TestMail.Reader(_folder.Path);
    }

    private string Inbox => _folder["inbox/agent"];

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task List_IsNewestFirst()
    {
        for (var i = 1; i <= 12; i++)
        {
            await DeliverAsync($"number {i}");
            _clock.Advance(TimeSpan.FromMilliseconds(400));
        }

        Assert.Equal(Enumerable.Range(1, 12).Reverse().Select(i => $"number {i}"), _reader.List("agent").Select(message => message.Subject));
        Assert.Equal(["number 12", "number 11", "number 10"], _reader.List("agent", limit: 3).Select(message => message.Subject));
    }

    [Fact]
    public async Task Mailboxes_AreCountedAndThoseOnDiskAloneAreShown()
    {
        await DeliverAsync("one");
        var id = await DeliverAsync("two");
        Edit(id, text => text.Replace("read = false", "read = true", StringComparison.Ordinal));
        Directory.CreateDirectory(_folder["inbox/old"]);
        Assert.Equal(
            [
                new MailboxSummary("agent", "agent@mx.test", 2, 1), new MailboxSummary("second", "second@mx.test", 0, 0),
                new MailboxSummary("rest", "*@rest.test", 0, 0), new MailboxSummary("old", null, 0, 0),
            ],
            _reader.Mailboxes());
        Assert.Equal("one", Assert.Single(_reader.List("agent", unreadOnly: true)).Subject);
        Assert.True(_reader.Exists("old"));
        Assert.False(_reader.Exists("nobody"));
        Assert.False(_reader.Exists("../agent"));
    }

    [Fact]
    public void Reader_BeforeTheFirstMessage_FindsNothing()
    {
        using var empty = new TemporaryFolder();
        var reader = TestMail.Reader(empty["mail"]);
        Assert.Equal(3, reader.Mailboxes().Count);
        Assert.Empty(reader.List("agent"));
        Assert.Null(reader.Show("agent", "x"));
    }

    [Fact]
    public async Task Files_EditedAddedAndDeletedByHand_AreNoticed()
    {
        var edited = await DeliverAsync("edited");
        var deleted = await DeliverAsync("deleted");
        Edit(edited, text => text.Replace("\"edited\"", "'rewritten' # by me", StringComparison.Ordinal).Replace("\n", "\r\n", StringComparison.Ordinal));
        File.Delete(Path.Combine(Inbox, deleted + ".md"));
        await File.WriteAllTextAsync(Path.Combine(Inbox, "note.md"), "+++\nsubject = \"added\"\nreceived_at = 2020-01-01T00:00:00Z\nsize_bytes = \"many\"\n+++\nno blank line");
        await File.WriteAllTextAsync(Path.Combine(Inbox, "plain.md"), "no frontmatter at all");
        await File.WriteAllTextAsync(Path.Combine(Inbox, "torn.md"), "+++\nsubject = \"torn");
        await File.WriteAllTextAsync(Path.Combine(Inbox, "bad.md"), "+++\nsubject = = \n+++\n\nbody");
        await File.WriteAllTextAsync(Path.Combine(Inbox, "readme.txt"), "not a message");
        Directory.CreateDirectory(Path.Combine(Inbox, "a-folder"));

        var messages = _reader.List("agent").ToDictionary(message => message.Id);
        Assert.Equal([edited, "bad", "note", "plain", "torn"], messages.Keys.Order(StringComparer.Ordinal));
        Assert.Equal("rewritten", messages[edited].Subject);
        Assert.Equal("added", messages["note"].Subject);
        Assert.Null(messages["note"].Problem);
        Assert.Contains("+++", messages["plain"].Problem, StringComparison.Ordinal);
        Assert.Contains("+++", messages["torn"].Problem, StringComparison.Ordinal);
        Assert.Contains("not TOML", messages["bad"].Problem, StringComparison.Ordinal);
        Assert.Equal("no blank line", _reader.Show("agent", "note")!.Body);
        Assert.Equal("no frontmatter at all", _reader.Show("agent", "plain")!.Body);
        Assert.Equal("body", _reader.Show("agent", "bad")!.Body);
        Assert.Null(_reader.Show("agent", deleted));
        Assert.Equal("Hi there.\r\n", _reader.Show("agent", edited)!.Body);
    }

    [Theory]
    [InlineData("../second/x")]
    [InlineData("raw")]
    [InlineData(".tmp-x")]
    [InlineData("")]
    public void Show_WithAnIdThatIsNone_FindsNothing(string id) => Assert.Null(_reader.Show("agent", id));

    [Fact]
    public void Mailbox_WithANameThatIsNone_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => _reader.List("../agent"));
        Assert.Throws<ArgumentException>(() => _reader.Show("a/b", "x"));
    }

    [Fact]
    public async Task From_WithTricks_ShowsTheTrueAddressAndTheTrick()
    {
        await _store.DeliverAsync(
            TestMail.Received(_clock, "From: =?utf-8?q?boss=40corp=2Etest=E2=80=AE?= <evil@x.test>\nSubject: =?utf-8?q?a=E2=80=8Bb=1B[31m?=\n\nx"),
            [TestMail.To(TestMail.Agent)]);
        var message = Assert.Single(_reader.List("agent"));
        Assert.EndsWith("<evil@x.test>", message.From, StringComparison.Ordinal);
        Assert.Contains("[U+202E]", message.From, StringComparison.Ordinal);
        Assert.Equal("a[U+200B]b[U+001B][31m", message.Subject);
    }

    [Fact]
    public async Task Attachments_WithAPathOutOfTheFolder_AreNotGiven()
    {
        var id = await DeliverAsync("x");
        Edit(id, text => text.Replace("read = false", "read = false\nattachments = [{path = \"../../../store.lock\"}, {path = \"..\"}]", StringComparison.Ordinal));
        Assert.Empty(_reader.Show("agent", id)!.AttachmentPaths);
        Assert.NotNull(_reader.Show("agent", id)!.RawPath);
    }

    [Fact]
    public async Task Frontmatter_LongerThanTheFirstRead_IsReadWhole()
    {
        var id = await DeliverAsync("long");
        Edit(id, text => text.Replace("read = false", $"read = true\nlabels = [\"{new string('x', 100_000)}\"]", StringComparison.Ordinal));
        Assert.True(Assert.Single(_reader.List("agent")).IsRead);
    }

    private async Task<string> DeliverAsync(string subject) =>
        (await _store.DeliverAsync(TestMail.Received(_clock, TestMail.Message(subject)), [TestMail.To(TestMail.Agent)]))![0].Id;

    private void Edit(string id, Func<string, string> change)
    {
        var path = Path.Combine(Inbox, id + ".md");
        File.WriteAllText(path, change(File.ReadAllText(path)));
    }
}
