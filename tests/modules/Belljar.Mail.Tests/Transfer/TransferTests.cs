using System.Text;
using Belljar.Hosting;
using Belljar.Mail.Reading;
using Belljar.Mail.Storage;
using Belljar.Mail.Transfer;
using Belljar.Sandboxes.Processes;
using Belljar.Testing;

namespace Belljar.Mail.Tests.Transfer;

public sealed class TransferTests : IDisposable
{
    private static readonly CancellationToken Ct = CancellationToken.None;

    private readonly TemporaryFolder _folder = new();
    private readonly ManualClock _clock = new();

    public TransferTests() => Directory.CreateDirectory(_folder["other"]);

    private MailReader Reader => TestMail.Reader(_folder["mail"]);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Mbox_Imported_KeepsBytesTimesAndState()
    {
        File.WriteAllText(
            _folder["in.mbox"],
            "From alice@example.org Sat Jan  3 10:00:00 2026\nSubject: one\nMessage-ID: <1@x>\nStatus: RO\nX-Status: AF\n\n>From the start\n>>From quoted\nFrom inside is no separator without an empty line\n\n"
            + "From bob@example.org Sun Jan  4 11:00:00 2026\nSubject: two\n\nlast line without end");
        Assert.Equal(2, await ImportAsync("in.mbox"));

        var messages = Reader.List("agent").Select(message => Reader.Show("agent", message.Id)!).ToList();
        Assert.Equal(["two", "one"], messages.Select(message => message.Summary.Subject));
        var one = messages[1];
        Assert.Equal("2026-01-03-100000-one", one.Summary.Id);
        Assert.True(one.Summary.IsRead);
        Assert.Equal(["flagged", "answered"], one.Frontmatter.GetStrings("labels"));
        Assert.Equal("alice@example.org", one.Frontmatter.GetString("envelope_from"));
        Assert.Null(one.Frontmatter.GetString("received_from_ip"));
        Assert.Equal(
            "Subject: one\r\nMessage-ID: <1@x>\r\nStatus: RO\r\nX-Status: AF\r\n\r\nFrom the start\r\n>From quoted\r\nFrom inside is no separator without an empty line\r\n",
            File.ReadAllText(one.RawPath!));
        Assert.False(messages[0].Summary.IsRead);
        Assert.Equal("last line without end\n", messages[0].Body);
    }

    [Fact]
    public async Task Maildir_Imported_KeepsFlagsAndNamesItsSubfolders()
    {
        foreach (var name in new[] { "m/cur", "m/new", "m/tmp", "m/.Sent/cur" })
        {
            Directory.CreateDirectory(_folder[name]);
        }

        File.WriteAllText(_folder["m/cur/1767434400.1.host:2,FRS"], "Subject: seen\n\nx\n");
        File.WriteAllText(_folder["m/new/1767434401.2.host"], "Subject: fresh\n\nx\n");
        File.WriteAllText(_folder["m/tmp/1767434402.3.host"], "Subject: unfinished\n\nx\n");
        Assert.Equal(2, await ImportAsync("m"));
        Assert.Equal([("fresh", false), ("seen", true)], Reader.List("agent").Select(message => (message.Subject, message.IsRead)));
        Assert.Equal(["flagged", "answered"], Reader.Show("agent", Reader.List("agent")[1].Id)!.Frontmatter.GetStrings("labels"));
        Assert.Equal([".Sent"], MailImporter.LeftOut(_folder["m"]));
    }

    [Theory]
    [InlineData("hello\n")]
    [InlineData("\n\nFrom: a@b\n\nx\n")]
    [InlineData("\0\u0001\u0002")]
    public async Task File_ThatIsNoMbox_IsSaidSo(string content)
    {
        File.WriteAllText(_folder["in.mbox"], content);
        var failed = await Assert.ThrowsAsync<OperatorException>(() => ImportAsync("in.mbox"));
        Assert.Contains("not an mbox", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Import_WhereItCannotBe_IsExplained()
    {
        Directory.CreateDirectory(_folder["empty"]);
        Assert.Contains("not a Maildir", (await Assert.ThrowsAsync<OperatorException>(() => ImportAsync("empty"))).Message, StringComparison.Ordinal);
        Assert.Contains("cannot be read", (await Assert.ThrowsAsync<OperatorException>(() => ImportAsync("missing"))).Message, StringComparison.Ordinal);
        File.WriteAllText(_folder["in.mbox"], "");
        Assert.Equal(0, await ImportAsync("in.mbox"));
        Assert.Contains("not configured", (await Assert.ThrowsAsync<OperatorException>(() => ImportAsync("in.mbox", "nobody"))).Message, StringComparison.Ordinal);
        using var running = TestMail.OpenStore(_folder["mail"], _clock);
        Assert.Contains("workers stop mail", (await Assert.ThrowsAsync<OperatorException>(() => ImportAsync("in.mbox"))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ExportFormat.Mbox)]
    [InlineData(ExportFormat.Maildir)]
    public async Task Export_ThenImport_GivesTheSameMessages(ExportFormat format)
    {
        var bodies = new[] { "From me\n>From you\n\nFrom nobody\n", "plain\n", "", "\n\n\n", "Grüße\n.\n" };
        for (var i = 0; i < bodies.Length; i++)
        {
            using var store = TestMail.OpenStore(_folder["mail"], _clock);
            await store.DeliverAsync(TestMail.Received(_clock, TestMail.Message($"number {i}", body: bodies[i])), [TestMail.To(TestMail.Agent)]);
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(bodies.Length, MailExporter.Run(Reader, "agent", MailFolder.Inbox, format, _folder["out"], null, Ct));
        Assert.Equal(bodies.Length, await ImportAsync("out", "second"));
        Assert.Equal(Raw("agent"), Raw("second"));
        Assert.Equal(Reader.List("agent").Select(message => message.Id), Reader.List("second").Select(message => message.Id));
        Assert.Throws<OperatorException>(() => MailExporter.Run(Reader, "agent", MailFolder.Inbox, format, _folder["out"], null, Ct));

        IEnumerable<string> Raw(string mailbox) => Reader.List(mailbox).Select(message => File.ReadAllText(Reader.Show(mailbox, message.Id)!.RawPath!));
    }

    [Fact]
    public async Task Export_OfAFileWrittenByHand_IsAMessage()
    {
        using (TestMail.OpenStore(_folder["mail"], _clock))
        {
            File.WriteAllText(_folder["mail/inbox/agent/mine.md"], "+++\nfrom = \"Me <me@example.org>\"\nsubject = \"by hand\"\nread = true\n+++\n\nbody\n");
        }

        Assert.Equal(1, MailExporter.Run(Reader, "agent", MailFolder.Inbox, ExportFormat.Mbox, _folder["out"], null, Ct));
        Assert.Equal(1, await ImportAsync("out", "second"));
        var message = Assert.Single(Reader.List("second"));
        Assert.Equal(("by hand", true), (message.Subject, message.IsRead));
        Assert.Contains("me@example.org", message.From, StringComparison.Ordinal);
        Assert.Equal("body\n", Reader.Show("second", message.Id)!.Body);
    }

    [Fact]
    public async Task Python_WritesWhatIsImportedAndReadsWhatIsExported()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/python3"), "python3 is not installed");
        await PythonAsync(
            $"""
            import mailbox
            box = mailbox.mbox('{_folder["py.mbox"]}')
            for i in range(3):
                m = mailbox.mboxMessage('Subject: py %d\n\nFrom here\n\nFrom there\nx\n' % i)
                m.set_from('py@example.org Sat Jan  3 10:00:0%d 2026' % i)
                m.set_flags('R' if i else '')
                box.add(m)
            box.flush()
            d = mailbox.Maildir('{_folder["py.maildir"]}')
            m = mailbox.MaildirMessage('Subject: dir\n\nbody\n')
            m.set_flags('FS'); m.set_subdir('cur'); d.add(m)
            """);
        Assert.Equal(3, await ImportAsync("py.mbox"));
        Assert.Equal(1, await ImportAsync("py.maildir", "second"));
        Assert.Equal([("py 2", true), ("py 1", true), ("py 0", false)], Reader.List("agent").Select(message => (message.Subject, message.IsRead)));
        Assert.Equal("From here\n\nFrom there\nx\n", Reader.Show("agent", Reader.List("agent")[0].Id)!.Body);

        MailExporter.Run(Reader, "agent", MailFolder.Inbox, ExportFormat.Mbox, _folder["out.mbox"], null, Ct);
        MailExporter.Run(Reader, "second", MailFolder.Inbox, ExportFormat.Maildir, _folder["out.maildir"], null, Ct);
        var seen = await PythonAsync(
            $"""
            import mailbox
            for m in mailbox.mbox('{_folder["out.mbox"]}'): print(m['subject'], m.get_flags(), m.get_payload().count('From '))
            for m in mailbox.Maildir('{_folder["out.maildir"]}'): print(m['subject'], m.get_flags())
            """);
        Assert.Equal("py 0  2\npy 1 RO 2\npy 2 RO 2\ndir FS\n", seen);
    }

    private Task<int> ImportAsync(string path, string mailbox = "agent") =>
        MailImporter.RunAsync(_folder["mail"], TestMail.Options, mailbox, _folder[path], _clock, null, Ct);

    private static async Task<string> PythonAsync(string script)
    {
        var result = await ChildProcess.RunAsync(
            new ChildSpec("/usr/bin/python3", "-"), new RunLimits { Input = Encoding.UTF8.GetBytes(script), Timeout = TimeSpan.FromSeconds(30) }, Ct);
        Assert.True(result.Succeeded, result.ErrorText);
        return result.OutputText;
    }
}
