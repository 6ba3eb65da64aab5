using System.Security.Cryptography;
using Belljar.Sandboxes.Isolation;
using Belljar.Sandboxes.Processes;
using Belljar.Sandboxes.Tests.Backends;
using Belljar.Testing;

namespace Belljar.Sandboxes.Tests.Conformance;

public abstract class FileConformance(BackendFixture backend)
{
    private const UnixFileMode Secret = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;
    private static readonly DateTimeOffset Then = new(2019, 5, 6, 7, 8, 9, TimeSpan.Zero);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Write_SetsBytesModeOwnerTimeAndParents(bool running)
    {
        var sandbox = await backend.CreateAsync(new SandboxSpec { Name = running ? "w-running" : "w-stopped" });
        if (running)
        {
            await sandbox.StartAsync(Ct);
        }

        var bytes = RandomNumberGenerator.GetBytes(100_000);
        await sandbox.WriteFileAsync("/home/agent/a/b/data.bin", bytes, new SandboxFileAttributes(Secret, null, Then), Ct);
        await sandbox.WriteFileAsync("/etc/mine", "root's"u8.ToArray(), new SandboxFileAttributes((UnixFileMode)0x1A4, SandboxUser.Root), Ct);
        await sandbox.StartAsync(Ct);

        var seen = await BackendFixture.RunAsync(
            sandbox, "sh", "-c", "sha256sum < a/b/data.bin; stat -c '%a %u %g %Y' a/b/data.bin; stat -c '%a %u' a a/b /etc/mine");
        var expected = $"{Convert.ToHexStringLower(SHA256.HashData(bytes))}  -\n600 1000 1000 {Then.ToUnixTimeSeconds()}\n755 1000\n755 1000\n644 0\n";
        Assert.Equal(expected, seen.OutputText);
        var read = await sandbox.ReadFileAsync("/home/agent/a/b/data.bin", 1 << 20, Ct);
        Assert.Equal(SandboxReadStatus.Found, read.Status);
        Assert.Equal(bytes, read.Content.ToArray());
        Assert.Equal((Secret, 1000, 1000, Then), (read.Mode, read.Uid, read.Gid, read.ModifiedAt));
        await sandbox.DeleteAsync(Ct);
    }

    [Fact]
    public async Task Write_OverAFile_ReplacesItAndLeavesNothingBeside()
    {
        await backend.Shared.WriteFileAsync("/home/agent/r/x", "one, longer"u8.ToArray(), SandboxFileAttributes.Default, Ct);
        await backend.Shared.WriteFileAsync("/home/agent/r/x", "two"u8.ToArray(), SandboxFileAttributes.Default, Ct);

        Assert.Equal("x\ntwo", (await BackendFixture.RunAsync(backend.Shared, "sh", "-c", "ls -A r; cat r/x")).OutputText);
    }

    [Fact]
    public async Task Read_OfWhatIsNoFile_SaysWhich()
    {
        await BackendFixture.RunAsync(backend.Shared, "sh", "-c", "mkfifo pipe; ln -s loop loop; seq 1000 > long; ln -s /etc/passwd inner");

        Assert.Equal(SandboxReadStatus.Missing, await StatusAsync("/home/agent/none"));
        Assert.Equal(SandboxReadStatus.Missing, await StatusAsync("/etc/passwd/below"));
        Assert.Equal(SandboxReadStatus.Missing, await StatusAsync("/home/agent/loop"));
        Assert.Equal(SandboxReadStatus.NotAFile, await StatusAsync("/home/agent"));
        Assert.Equal(SandboxReadStatus.NotAFile, await StatusAsync("/home/agent/pipe"));
        Assert.Equal(SandboxReadStatus.NotAFile, await StatusAsync("/dev/null"));
        Assert.Equal(SandboxReadStatus.TooLarge, await StatusAsync("/home/agent/long"));
        Assert.Equal(SandboxReadStatus.Found, await StatusAsync("/home/agent/inner"));

        async Task<SandboxReadStatus> StatusAsync(string path) => (await backend.Shared.ReadFileAsync(path, 1000, Ct)).Status;
    }

    [Theory]
    [InlineData("relative")]
    [InlineData("/home/../../etc/passwd")]
    public async Task Write_OutsideThePathRules_IsRefused(string path) => await Assert.ThrowsAsync<ArgumentException>(
        () => backend.Shared.WriteFileAsync(path, default, SandboxFileAttributes.Default, Ct));

    [Fact]
    public async Task Write_AndRead_ThroughPlantedLinks_StayInside()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["victim"], "host", Ct);
        await BackendFixture.RunAsync(
            backend.Shared, "sh", "-c", $"mkdir -p t; ln -s {folder.Path} t/folder; ln -s {folder["victim"]} t/file; ln -s ../../../../../../../.. t/up; ln -s /proc/1/root t/magic");

        await backend.Shared.WriteFileAsync("/home/agent/t/file", "inside"u8.ToArray(), SandboxFileAttributes.Default, Ct);
        var through = await backend.Shared.ReadFileAsync("/home/agent/t/folder/victim", 100, Ct);
        var up = await backend.Shared.ReadFileAsync($"/home/agent/t/up{folder["victim"]}", 100, Ct);
        var hosts = await backend.Shared.ReadFileAsync("/home/agent/t/up/etc/hostname", 100, Ct);

        Assert.Equal("host", await File.ReadAllTextAsync(folder["victim"], Ct));
        Assert.Equal(SandboxReadStatus.Missing, through.Status);
        Assert.Equal(SandboxReadStatus.Missing, up.Status);
        Assert.Equal("glass\n", System.Text.Encoding.UTF8.GetString(hosts.Content.Span));
        await Assert.ThrowsAnyAsync<IOException>(
            () => backend.Shared.WriteFileAsync("/home/agent/t/magic/x", default, SandboxFileAttributes.Default, Ct));
    }

    [Fact]
    public async Task CopyIn_AndOut_KeepsTreesLinksAndModes()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["in/deep/er"]);
        var bytes = RandomNumberGenerator.GetBytes(300_000);
        await File.WriteAllBytesAsync(folder["in/deep/er/data"], bytes, Ct);
        await File.WriteAllTextAsync(folder["in/run"], "#!/bin/sh\necho ran\n", Ct);
        File.SetUnixFileMode(folder["in/run"], (UnixFileMode)0x1ED);
        File.CreateSymbolicLink(folder["in/link"], "/etc/shadow");

        var copied = await backend.Shared.CopyInAsync(folder["in"], "/home/agent/workspace", null, Ct);
        var ran = await BackendFixture.RunAsync(backend.Shared, "sh", "-c", "workspace/run; readlink workspace/link; stat -c %u workspace/deep/er/data; mkfifo workspace/fifo");
        var back = await backend.Shared.CopyOutAsync("/home/agent/workspace", folder["out"], 1 << 20, Ct);

        Assert.Equal((2, 2, 1), (copied.Files, copied.Folders, copied.Links));
        Assert.Equal("ran\n/etc/shadow\n1000\n", ran.OutputText);
        Assert.Equal((2, 2, 1, 1), (back.Files, back.Folders, back.Links, back.Skipped));
        Assert.Equal(bytes, await File.ReadAllBytesAsync(folder["out/deep/er/data"], Ct));
        Assert.Equal("/etc/shadow", new FileInfo(folder["out/link"]).LinkTarget);
        Assert.Equal((UnixFileMode)0x1ED, File.GetUnixFileMode(folder["out/run"]));
    }

    [Fact]
    public async Task CopyOut_OfMoreThanAllowed_Fails()
    {
        using var folder = new TemporaryFolder();
        await BackendFixture.RunAsync(backend.Shared, "sh", "-c", "mkdir big; head -c 200000 /dev/zero > big/zero");

        var refusal = await Assert.ThrowsAsync<SandboxException>(() => backend.Shared.CopyOutAsync("/home/agent/big", folder["out"], 100_000, Ct));

        Assert.Contains("larger than 100000", refusal.Message);
    }

    [Fact]
    public async Task Delete_OfATreeDeeperThanAPathCanBeLong_RemovesIt()
    {
        var sandbox = await backend.CreateAsync(new SandboxSpec { Name = "deep" });
        await sandbox.StartAsync(Ct);
        var made = await BackendFixture.RunAsync(
            sandbox, "bash", "-c", "n=$(printf 'x%.0s' $(seq 200)); for i in $(seq 40); do mkdir $n && cd $n || exit 1; done; echo done");
        Assert.Equal("done\n", made.OutputText);

        await sandbox.DeleteAsync(Ct);

        Assert.False(Directory.Exists(Path.Combine(backend.Settings.StateFolder, "deep")));
    }

    [Fact]
    public async Task Rootfs_OfAFolder_IsNotChangedByWrites()
    {
        Assert.SkipWhen(Rootless.IsEntered, "a user who is not root imports a folder as an image; as it is, its files belong to nobody inside");
        using var folder = new TemporaryFolder();
        await ChildProcess.RunAsync(new ChildSpec("sh", "-c", """
            set -e; cd "$1"; mkdir -p usr/bin usr/lib etc root home tmp proc sys dev run
            for l in bin lib lib64; do ln -s "usr/$l" $l; done; mkdir -p usr/lib64
            cp /usr/bin/dash usr/bin/sh; cp /usr/bin/cat /usr/bin/stat usr/bin/
            ldd /usr/bin/dash /usr/bin/cat /usr/bin/stat | grep -o '/lib[^ ]*' | sort -u | while read -r f; do mkdir -p "usr$(dirname "$f")"; cp "$f" "usr$f"; done
            echo original > etc/motd
            """, "x", folder.Path), RunLimits.Default, Ct);
        var sandbox = await backend.CreateAsync(new SandboxSpec
        {
            Name = "image",
            Rootfs = SandboxRootfs.Directory(folder.Path),
            Profile = SandboxProfile.Decoy,
            User = SandboxUser.Root,
        });
        await sandbox.StartAsync(Ct);

        var result = await BackendFixture.RunAsync(sandbox, "sh", "-c", "cat /etc/motd; stat -c %u /etc/motd; echo changed > /etc/motd; cat /etc/motd");

        Assert.Equal("original\n0\nchanged\n", result.OutputText);
        Assert.Equal("original\n", await File.ReadAllTextAsync(folder["etc/motd"], Ct));
        await sandbox.DeleteAsync(Ct);
    }
}
