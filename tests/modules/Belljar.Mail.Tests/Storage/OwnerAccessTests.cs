using Belljar.Mail.Reading;
using Belljar.Mail.Storage;
using Belljar.Mail.Tests.EndToEnd;
using Belljar.Testing;

namespace Belljar.Mail.Tests.Storage;

/// <summary>Read as other users, which takes root to become one.</summary>
public sealed class OwnerAccessTests : IDisposable
{
    private const string Owner = "nobody";
    private const int SomebodyElse = 64_000;

    private readonly TemporaryFolder _folder = new();
    private readonly ManualClock _clock = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Owner_ReadsHisMail_AndNobodyElseDoes()
    {
        var owner = SkipUnlessRoot();
        var before = await StoreAsync(null, "before he was the owner");
        Assert.False(await MayAsync(owner, "/bin/cat", before.Path));

        var after = await StoreAsync(Owner, "after");
        foreach (var message in new[] { before, after })
        {
            Assert.True(await MayAsync(owner, "/bin/cat", message.Path));
            Assert.True(await MayAsync(owner, "/bin/cat", message.RawPath!));
            Assert.True(await MayAsync(owner, "/bin/cat", Assert.Single(message.AttachmentPaths)));
            Assert.False(await MayAsync(SomebodyElse, "/bin/cat", message.Path));
            Assert.False(await MayAsync(owner, "/usr/bin/tee", "-a", message.Path));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead, File.GetUnixFileMode(message.Path));
        }

        Assert.True(await MayAsync(owner, "/bin/grep", "-r", "after", _folder["mail/inbox/agent"]));
        Assert.False(await MayAsync(owner, "/bin/ls", _folder["mail/inbox"]));
        Assert.False(await MayAsync(owner, "/bin/ls", _folder["mail/inbox/second"]));
        Assert.False(await MayAsync(owner, "/usr/bin/touch", _folder["mail/inbox/agent/new.md"]));
    }

    [Fact]
    public async Task Owner_WhoIsNoneAnyMore_ReadsNothing()
    {
        var owner = SkipUnlessRoot();
        var message = await StoreAsync(Owner, "his");
        Assert.True(await MayAsync(owner, "/bin/cat", message.Path));
        var later = await StoreAsync(null, "not his");
        Assert.False(await MayAsync(owner, "/bin/cat", message.Path));
        Assert.False(await MayAsync(owner, "/bin/cat", later.Path));
        Assert.Empty(PosixAcl.Get(message.Path, PosixAcl.Access));
        Assert.Empty(PosixAcl.Get(_folder["mail/inbox/agent"], PosixAcl.Default));
    }

    [Fact]
    public void Acl_IsWrittenAsTheKernelHasIt() => Assert.Equal(
        "02000000" + "01000600FFFFFFFF" + "02000400E8030000" + "0200040039300000" + "04000400FFFFFFFF" + "10000400FFFFFFFF" + "20000000FFFFFFFF",
        Convert.ToHexString(PosixAcl.Of(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead, PosixAcl.Read, [12345, 1000, 1000])));

    private async Task<StoredMessage> StoreAsync(string? owner, string subject)
    {
        var options = TestMail.Options with { Mailboxes = [TestMail.Agent with { Owner = owner }, TestMail.Second] };
        const string parts = "--b\r\n\r\ntext\r\n--b\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\nx\r\n--b--\r\n";
        using var store = TestMail.OpenStore(_folder["mail"], _clock, options);
        var stored = await store.DeliverAsync(
            TestMail.Received(_clock, $"Subject: {subject}\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n{parts}"), [TestMail.To(options.Mailboxes[0])]);
        return TestMail.Reader(_folder["mail"], options).Show("agent", stored![0].Id)!;
    }

    private int SkipUnlessRoot()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root can read as another user");
        Tools.SkipWithout("setpriv");
        Assert.True(UserNames.TryFind(Owner, out var user));
        Assert.SkipUnless(HasLists(), "the file system of temporary files has no access control lists");
        File.SetUnixFileMode(_folder.Path, File.GetUnixFileMode(_folder.Path) | UnixFileMode.OtherExecute);
        return (int)user.Uid;
    }

    private bool HasLists()
    {
        try
        {
            PosixAcl.Set(_folder.Path, PosixAcl.Access, PosixAcl.Of(File.GetUnixFileMode(_folder.Path), PosixAcl.Read, []));
            PosixAcl.Remove(_folder.Path, PosixAcl.Access);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static async Task<bool> MayAsync(int uid, params string[] command)
    {
        var result = await Tools.RunAsync([], ["setpriv", $"--reuid={uid}", $"--regid={uid}", "--clear-groups", "--", .. command]);
        return result.Succeeded;
    }
}
