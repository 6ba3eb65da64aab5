using Belljar.Sandboxes.Isolation;
using Belljar.Sandboxes.Processes;
using Belljar.Sandboxes.Tests.Backends;
using Belljar.Sandboxes.Tests.Packages;

namespace Belljar.Sandboxes.Tests.Conformance;

/// <summary>Package managers work inside, with the profile of agents, when a listener leads to a mirror: unpacking, owners, scripts and all.</summary>
public abstract class PackageConformance(BackendFixture backend, DebianTree debian)
{
    private const int Port = 17480;
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Apt_InstallsAndPurges_WithOwnersAndScripts()
    {
        Assert.SkipWhen(Rootless.IsEntered, "the tree is made by root");
        var sandbox = await backend.StartedAsync(new SandboxSpec { Name = "apt", Rootfs = SandboxRootfs.Directory(await debian.FolderAsync()) });
        await using var mirror = new Mirror(await sandbox.ListenAsync(Port, Ct), await AptRepository.BuildAsync(Ct));
        var source = $"deb [trusted=yes] http://127.0.0.1:{Port}/apt ./\n";
        await sandbox.WriteFileAsync("/etc/apt/sources.list", System.Text.Encoding.ASCII.GetBytes(source), SandboxFileAttributes.Default with { Owner = SandboxUser.Root }, Ct);

        await SucceedAsync(sandbox, SandboxUser.Root, "apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y bj-service");

        Assert.Equal("the tool works\n", await SucceedAsync(sandbox, SandboxUser.Agent, "bj-link"));
        Assert.Equal(
            "root mail 2755\ngames games 664\nbj-daemon bj-daemon 2750\nbj-daemon bj-daemon 644\nbj-daemon root 640\n",
            await SucceedAsync(
                sandbox, SandboxUser.Root, "stat -c '%U %G %a' /usr/bin/bj-tool /var/games/bj-scores /var/lib/bj-service /var/lib/bj-service/made-by-the-daemon /etc/bj-service.conf"));
        Assert.Equal("ii  bj-base\nii  bj-service\n", await SucceedAsync(sandbox, SandboxUser.Root, "dpkg-query -W -f='${db:Status-Abbrev} ${Package}\\n' 'bj-*'"));

        await SucceedAsync(sandbox, SandboxUser.Root, "DEBIAN_FRONTEND=noninteractive apt-get purge -y bj-base");

        Assert.Equal("gone\n", await SucceedAsync(sandbox, SandboxUser.Root, "getent passwd bj-daemon || test -e /usr/bin/bj-tool || test -e /etc/bj-service.conf || echo gone"));
        await sandbox.DeleteAsync(Ct);
    }

    [Fact]
    public async Task Pip_InstallsAWheelAndWhatItNeeds_ForTheUserAndInAnEnvironment()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/pip3"), "pip is not installed (apt install python3-pip)");
        var sandbox = await backend.StartedAsync(new SandboxSpec { Name = "pip" });
        await using var mirror = new Mirror(await sandbox.ListenAsync(Port, Ct), PipIndex.Build());
        var index = $"--index-url http://127.0.0.1:{Port}/simple/ --trusted-host 127.0.0.1 --disable-pip-version-check";

        await SucceedAsync(sandbox, SandboxUser.Agent, $"/usr/bin/pip3 install --user --break-system-packages {index} bjwhole");

        Assert.Equal("whole and part\n", await SucceedAsync(sandbox, SandboxUser.Agent, "~/.local/bin/bjwhole"));

        await SucceedAsync(sandbox, SandboxUser.Agent, $"/usr/bin/python3 -m venv --system-site-packages e && e/bin/python -m pip install --force-reinstall {index} bjwhole");

        Assert.Equal("whole and part\n", await SucceedAsync(sandbox, SandboxUser.Agent, "e/bin/bjwhole"));
        await sandbox.DeleteAsync(Ct);
    }

    [Fact]
    public async Task Npm_InstallsAPackageWithAScript_AndWhatItNeeds()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/npm"), "npm is not installed (apt install npm)");
        var sandbox = await backend.StartedAsync(new SandboxSpec { Name = "npm" });
        await using var mirror = new Mirror(await sandbox.ListenAsync(Port, Ct), NpmRegistry.Build(Port));

        await SucceedAsync(sandbox, SandboxUser.Agent, $"mkdir p && cd p && /usr/bin/npm install --registry http://127.0.0.1:{Port}/npm/ --no-audit --no-fund --foreground-scripts bj-whole");

        Assert.Equal("whole and part after\n", await SucceedAsync(sandbox, SandboxUser.Agent, "p/node_modules/.bin/bj-whole"));
        await sandbox.DeleteAsync(Ct);
    }

    private static async Task<string> SucceedAsync(ISandbox sandbox, SandboxUser user, string script)
    {
        var result = await sandbox.RunAsync(new ExecSpec("sh", "-c", script) { User = user }, RunLimits.Default with { Timeout = TimeSpan.FromMinutes(3) }, Ct);
        Assert.True(result.ExitCode == 0, $"{script}: {result.ExitCode}\n{result.OutputText}\n{result.ErrorText}");
        return result.OutputText;
    }
}
