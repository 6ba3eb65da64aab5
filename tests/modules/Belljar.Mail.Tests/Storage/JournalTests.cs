using System.Text;
using Belljar.Mail.Reading;
using Belljar.Mail.Storage;
using Belljar.Mail.Storage.Journals;
using Belljar.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Belljar.Mail.Tests.Storage;

/// <summary>
/// The power goes: the journal is what it was at the last 250, and of the files the disk kept whatever it liked. (A process
/// that is killed loses no file, since the kernel has them: <c>KillTests</c>.)
/// </summary>
public sealed class JournalTests : IDisposable
{
    private const string Attachment =
        """
        Subject: with a file
        Message-ID: <file@example.org>
        MIME-Version: 1.0
        Content-Type: multipart/mixed; boundary=b

        --b
        Content-Type: text/plain

        See the file.
        --b
        Content-Type: application/octet-stream
        Content-Disposition: attachment; filename="a.bin"
        Content-Transfer-Encoding: base64

        AAECAw==
        --b--
        """;

    private readonly TemporaryFolder _folder = new();
    private readonly TemporaryFolder _copy = new();
    private readonly ManualClock _clock = new();

    private string Inbox => _copy["data/inbox/agent"];

    public void Dispose()
    {
        _folder.Dispose();
        _copy.Dispose();
    }

    [Theory]
    [InlineData(Loss.All)]
    [InlineData(Loss.Empty)]
    [InlineData(Loss.Half)]
    [InlineData(Loss.Zeros)]
    public async Task PowerLoss_WhateverOfTheFilesIsLost_EveryAcknowledgedMessageIsWhole(Loss loss)
    {
        var before = await StopInTheMiddleAsync(TestMail.Message("plain", "plain"), Attachment, TestMail.Message("long", "long", new string('x', 100_000) + "\n"));
        foreach (var file in Directory.EnumerateFiles(_copy["data/inbox"], "*", SearchOption.AllDirectories))
        {
            Lose(file, loss);
        }

        using var store = Open("another boot");
        Assert.Equal(before, Files());
        var reader = TestMail.Reader(_copy["data"]);
        Assert.All(new[] { "agent", "second" }, mailbox => Assert.Equal(3, reader.List(mailbox).Count(message => message.Problem is null)));
        Assert.Equal([0, 1, 2, 3], await File.ReadAllBytesAsync(Assert.Single(WithAttachment(reader).AttachmentPaths)));
    }

    [Fact]
    public async Task PowerLoss_AcknowledgedTwice_SecondIsStillADuplicate()
    {
        var message = TestMail.Message("plain", "plain");
        await StopInTheMiddleAsync(message);
        foreach (var file in Directory.EnumerateFiles(_copy["data/inbox"], "*", SearchOption.AllDirectories))
        {
            File.Delete(file);
        }

        using var store = Open("another boot");
        Assert.Empty((await store.DeliverAsync(TestMail.Received(_clock, message), [TestMail.To(TestMail.Agent)]))!);
    }

    [Fact]
    public async Task PowerLoss_FileEditedAfterItWasStored_IsLeftAsItIs()
    {
        await StopInTheMiddleAsync(TestMail.Message("plain", "plain"));
        var file = Assert.Single(Directory.EnumerateFiles(Inbox, "*.md"));
        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file)).Replace("read = false", "read = true", StringComparison.Ordinal));
        using var store = Open("another boot");
        Assert.True(Assert.Single(TestMail.Reader(_copy["data"]).List("agent")).IsRead);
    }

    [Fact]
    public async Task Kill_WithoutAPowerLoss_BringsNothingBackThatSomebodyDeleted()
    {
        await StopInTheMiddleAsync(TestMail.Message("plain", "plain"));
        File.Delete(Assert.Single(Directory.EnumerateFiles(Inbox, "*.md")));
        using var store = Open("this boot");
        Assert.Empty(TestMail.Reader(_copy["data"]).List("agent"));
    }

    [Fact]
    public async Task Recovery_DoneOnce_IsNotDoneAgain()
    {
        await StopInTheMiddleAsync(TestMail.Message("plain", "plain"));
        Open("another boot").Dispose();
        File.Delete(Assert.Single(Directory.EnumerateFiles(Inbox, "*.md")));
        using var store = Open("a third boot");
        Assert.Empty(TestMail.Reader(_copy["data"]).List("agent"));
    }

    [Fact]
    public async Task Journal_CutAnywhere_RestoresTheWholeRecordsBeforeTheCutAndNeverThrows()
    {
        await StopInTheMiddleAsync(TestMail.Message("one", "one"), TestMail.Message("two", "two"));
        foreach (var file in Directory.EnumerateFiles(_copy["data/inbox"], "*", SearchOption.AllDirectories))
        {
            File.Delete(file);
        }

        var journal = Directory.EnumerateFiles(_copy["data/journal"]).Single(file => new FileInfo(file).Length > 0);
        var bytes = await File.ReadAllBytesAsync(journal);
        var seen = new SortedSet<int>();
        for (var cut = 0; cut <= bytes.Length; cut += cut is > 4000 and < 4200 ? 1 : 97)
        {
            await File.WriteAllBytesAsync(journal, bytes[..cut]);
            Open("another boot").Dispose();
            var files = Directory.EnumerateFiles(Inbox, "*.md").ToList();
            seen.Add(files.Count);
            foreach (var file in Directory.EnumerateFiles(_copy["data/inbox"], "*", SearchOption.AllDirectories))
            {
                File.Delete(file);
            }
        }

        Assert.Subset(new SortedSet<int> { 0, 1, 2 }, seen);
        Assert.Contains(1, seen);
    }

    [Fact]
    public async Task Stop_LeavesNothingOfTheMessagesInTheJournal()
    {
        using (var store = TestMail.OpenStore(_folder["data"], _clock))
        {
            await store.DeliverAsync(TestMail.Received(_clock, TestMail.Message()), [TestMail.To(TestMail.Agent)]);
        }

        Assert.All(Directory.EnumerateFiles(_folder["data/journal"]), file => Assert.Equal(0, new FileInfo(file).Length));
    }

    [Fact]
    public async Task Journal_FullAgainAndAgain_GoesOnInItsOtherHalf()
    {
        const int Capacity = 2 * 1024 * 1024;

        // Each record is almost as long as one may be: six halves' worth.
        var body = new string('x', (DeliveryJournal.LongestRecord / 2) - 2000);
        var count = (6 * Capacity / body.Length) + 1;
        using var store = MailStore.Open(_folder["data"], TestMail.Options, _clock, NullLogger<MailStore>.Instance, "this boot", Capacity);
        var stored = await Task.WhenAll(Enumerable.Range(0, count).Select(i =>
            store.DeliverAsync(TestMail.Received(_clock, TestMail.Message($"{i}", $"{i}", body)), [TestMail.To(TestMail.Agent)])));
        Assert.All(stored, one => Assert.Single(one!));
        Assert.All(Directory.EnumerateFiles(_folder["data/journal"]), file => Assert.True(new FileInfo(file).Length <= Capacity + 4096));
        Assert.Equal(count, Directory.EnumerateFiles(_folder["data/inbox/agent"], "*.md").Count());
    }

    [Fact]
    public async Task Journal_WhenNothingComesForAWhile_IsErased()
    {
        using var store = TestMail.OpenStore(_folder["data"], _clock);
        await store.DeliverAsync(TestMail.Received(_clock, TestMail.Message()), [TestMail.To(TestMail.Agent)]);
        Assert.Contains(Directory.EnumerateFiles(_folder["data/journal"]), file => new FileInfo(file).Length > 0);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (Directory.EnumerateFiles(_folder["data/journal"]).Any(file => new FileInfo(file).Length > 0))
        {
            patience.Token.ThrowIfCancellationRequested();
            _clock.Advance(TimeSpan.FromSeconds(2));
            await Task.Yield();
        }
    }

    [Fact]
    public async Task Journal_IsForNobodyElse()
    {
        using var store = TestMail.OpenStore(_folder["data"], _clock);
        await store.DeliverAsync(TestMail.Received(_clock, TestMail.Message()), [TestMail.To(TestMail.Agent)]);
        Assert.All(
            Directory.EnumerateFiles(_folder["data/journal"]),
            file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
    }

    [Fact]
    public void Record_AnyBytes_AreReadOrRefused()
    {
        var record = JournalRecord.Create(
            [new JournalEntry("inbox/agent", "s", "Return-Path: <>\r\n"u8.ToArray(), "+++\n+++\n\n"u8.ToArray())], "Subject: x\r\n\r\ny\r\n"u8.ToArray());
        var parts = new List<ReadOnlyMemory<byte>>();
        record.AddTo(parts, 7);
        byte[] bytes = [.. parts.SelectMany(part => part.ToArray())];
        var tried = Fuzz.Run([bytes, [.. bytes, .. bytes]], [[0, 0, 0, 0], [0xFF, 0xFF, 0xFF, 0x7F], [7, 0, 0, 0], bytes[..20]], input =>
        {
            ReadOnlyMemory<byte> rest = input;
            while (JournalRecord.TryRead(ref rest, 7, out var entries, out var raw))
            {
                // What is accepted is what was written: the sum says so.
                Assert.Equal("inbox/agent", Assert.Single(entries).Folder);
                Assert.Equal("Subject: x\r\n\r\ny\r\n", Encoding.ASCII.GetString(raw.Span));
            }
        });
        Assert.True(tried > 10);
    }

    /// <summary>What a disk may do to a file that was never synced.</summary>
    public enum Loss
    {
        All,
        Empty,
        Half,
        Zeros,
    }

    private static void Lose(string file, Loss loss)
    {
        if (loss is Loss.All)
        {
            File.Delete(file);
            return;
        }

        using var bytes = File.Open(file, FileMode.Open);
        var length = bytes.Length;
        bytes.SetLength(loss is Loss.Empty ? 0 : length / 2);
        bytes.SetLength(loss is Loss.Zeros ? length : bytes.Length);
    }

    private static StoredMessage WithAttachment(MailReader reader) =>
        reader.Show("agent", reader.List("agent").Single(message => message.Attachments == 1).Id)!;

    /// <summary>Delivers to two mailboxes, and takes a copy of everything as it is at the last answer.</summary>
    /// <returns>The mailboxes' files.</returns>
    private async Task<SortedDictionary<string, string>> StopInTheMiddleAsync(params string[] messages)
    {
        using var store = MailStore.Open(_folder["data"], TestMail.Options, _clock, NullLogger<MailStore>.Instance, "this boot", DeliveryJournal.Capacity);
        foreach (var message in messages)
        {
            var stored = await store.DeliverAsync(TestMail.Received(_clock, message), [TestMail.To(TestMail.Agent), TestMail.To(TestMail.Second)]);
            Assert.Equal(2, stored!.Count);
        }

        // The clock stands still, so the journal does not take this for a pause in which to sync the files and erase itself.
        CopyTree(_folder["data/inbox"], _copy["data/inbox"]);
        CopyTree(_folder["data/journal"], _copy["data/journal"]);
        return Files();
    }

    private static void CopyTree(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var folder in Directory.EnumerateDirectories(from))
        {
            CopyTree(folder, Path.Combine(to, Path.GetFileName(folder)));
        }

        foreach (var file in Directory.EnumerateFiles(from))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }
    }

    private MailStore Open(string boot) => MailStore.Open(_copy["data"], TestMail.Options, _clock, NullLogger<MailStore>.Instance, boot, DeliveryJournal.Capacity);

    private SortedDictionary<string, string> Files()
    {
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in Directory.EnumerateFiles(_copy["data/inbox"], "*", SearchOption.AllDirectories))
        {
            files.Add(Path.GetRelativePath(_copy["data"], file), Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file))));
        }

        return files;
    }
}
