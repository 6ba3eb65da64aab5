using Belljar.Sandboxes.Processes;
using Belljar.Sandboxes.Tests.Backends;

namespace Belljar.Sandboxes.Tests.Conformance;

/// <summary>
/// Attempts from inside, made with the tools that an agent has. Each that must fail has a control: the same attempt in a form
/// or place where it works, so that it does not fail for another reason.
/// </summary>
public abstract class EscapeConformance(BackendFixture backend)
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Network_HasLoopbackAndNoRoute()
    {
        var devices = await BackendFixture.RunAsync(backend.Shared, "sh", "-c", "tail -n +3 /proc/net/dev | cut -d: -f1");
        var routes = await BackendFixture.RunAsync(backend.Shared, "sh", "-c", "tail -n +2 /proc/net/route; grep -v ' lo$' /proc/net/ipv6_route");

        Assert.Equal("lo", devices.OutputText.Trim());
        Assert.Equal("", routes.OutputText);
    }

    [Theory]
    [InlineData("1.1.1.1")]
    [InlineData("10.0.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("2606:4700:4700::1111")]
    public async Task Connect_ToAnAddressOutside_IsUnreachableAtOnce(string address)
    {
        var result = await BackendFixture.RunAsync(backend.Shared, "bash", "-c", $"exec 3<>/dev/tcp/{address}/443 && echo reached");

        Assert.Contains("Network is unreachable", result.ErrorText);
        Assert.DoesNotContain("reached", result.OutputText);
    }

    [Fact]
    public async Task Names_AreNotResolved()
    {
        Assert.Equal(2, (await BackendFixture.RunAsync(backend.Shared, "getent", "hosts", "example.com")).ExitCode);
        Assert.Equal(0, (await BackendFixture.RunAsync(backend.Shared, "getent", "hosts", "localhost")).ExitCode); // Control.
    }

    [Fact]
    public async Task HostFiles_AreNotThere()
    {
        var here = AppContext.BaseDirectory;
        string[] paths = [here, backend.Settings.StateFolder, backend.Settings.RunFolder, "/etc/shadow", "/etc/machine-id", "/var/run/docker.sock", "/var/lib/dpkg", "/boot/grub"];

        foreach (var path in paths)
        {
            Assert.NotEqual(0, (await BackendFixture.RunAsRootAsync(backend.Shared, "ls", "-d", path)).ExitCode);
        }

        Assert.Equal(0, (await BackendFixture.RunAsRootAsync(backend.Shared, "ls", "-d", "/usr/bin/env")).ExitCode); // Control.
    }

    [Fact]
    public async Task Home_OfRootInside_IsEmpty() =>
        Assert.Equal("", (await BackendFixture.RunAsRootAsync(backend.Shared, "sh", "-c", "ls -A /root /home/agent/../..//srv /opt /mnt | grep -v : | grep . || true")).OutputText);

    [Fact]
    public async Task HostProcesses_AreNotSeen()
    {
        var result = await BackendFixture.RunAsRootAsync(backend.Shared, "sh", "-c", "cat /proc/1/comm; ls -d /proc/[0-9]* | wc -l");

        var lines = result.OutputText.Split('\n');
        Assert.Equal(".init", lines[0]);
        Assert.InRange(int.Parse(lines[1]), 2, 20);
    }

    [Fact]
    public async Task FirstProcess_HasNoEnvironmentButWhatTheRuntimeSets() =>
        Assert.Equal("HOME=/root\0", (await BackendFixture.RunAsRootAsync(backend.Shared, "cat", "/proc/1/environ")).OutputText);

    [Theory]
    [InlineData("mount -t tmpfs x /mnt")]
    [InlineData("unshare -U true")]
    [InlineData("unshare -m true")]
    [InlineData("nsenter -t 1 -n true")]
    [InlineData("chroot / sh -c 'mount -t proc p /mnt'")]
    [InlineData("mknod /tmp/sda b 8 0")]
    [InlineData("hostname changed")]
    [InlineData("dmesg")]
    [InlineData("echo 1 > /proc/sys/kernel/sysrq")]
    [InlineData("echo b > /proc/sysrq-trigger")]
    [InlineData("cat /proc/kcore | head -c 1 | grep .")]
    [InlineData("echo 0 > /proc/sys/net/ipv4/ip_forward")]
    [InlineData("ls /sys/kernel/ | grep .")]
    public async Task AsRootInside_IsRefused(string attempt)
    {
        var result = await BackendFixture.RunAsRootAsync(backend.Shared, "sh", "-c", attempt);

        Assert.NotEqual(0, result.ExitCode);
        Assert.NotEqual(127, result.ExitCode);
    }

    [Fact]
    public async Task SystemCalls_OfTheRefusedKind_AreRefused_AndTheControlsWork()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/perl"), "the attempts are made with perl's syscall");
        (string Name, int Number, string Arguments)[] refused =
        [
            ("io_uring_setup", 425, "8, $buffer"), ("keyctl", 250, "0, -3, 0"), ("add_key", 248, "$buffer, $buffer, $buffer, 1, -3"),
            ("bpf", 321, "0, $buffer, 48"), ("userfaultfd", 323, "0"), ("perf_event_open", 298, "$buffer, 0, -1, -1, 0"),
            ("ptrace", 101, "0, 0, 0, 0"), ("setns", 308, "0, 0"), ("unshare", 272, "0x10000000"), ("clone with NEWUSER", 56, "0x10000000, 0, 0, 0, 0"),
            ("clone3", 435, "$buffer, 64"), ("open_tree", 428, "-100, $buffer, 0"), ("process_vm_readv", 310, "1, $buffer, 0, $buffer, 0, 0"),
            ("socket vsock", 41, "40, 1, 0"), ("socket packet", 41, "17, 3, 0"), ("socket inet raw", 41, "2, 3, 1"), ("socket alg", 41, "38, 5, 0"),
            ("netlink netfilter", 41, "16, 3, 12"), ("TIOCSTI", 16, "0, 0x5412, $buffer"), ("TIOCSTI high bit", 16, "0, 0x100005412, $buffer"),
            ("TIOCLINUX", 16, "0, 0x541C, $buffer"), ("finit_module", 313, "0, $buffer, 0"), ("kexec_load", 246, "0, 0, $buffer, 0"),
            ("open_by_handle_at", 304, "0, $buffer, 0"), ("personality odd", 135, "0x0400000"), ("pidfd_getfd", 438, "0, 0, 0"),
        ];
        (string Name, int Number, string Arguments)[] allowed =
        [
            ("getpid", 39, ""), ("socket inet", 41, "2, 1, 0"), ("socket inet cloexec", 41, "2, 0x80801, 0"), ("socket unix", 41, "1, 2, 0"),
            ("netlink route", 41, "16, 3, 0"), ("pidfd_open self", 434, "$$ + 0, 0"), ("personality ask", 135, "0xffffffff"),
        ];
        var script = "my $buffer = \"\\0\" x 256;\n" + string.Concat(refused.Concat(allowed).Select(
            call => $"$! = 0; my $r = syscall({call.Number}{(call.Arguments.Length == 0 ? "" : ", ")}{call.Arguments}); print '{call.Name}: ', ($r == -1 ? $!+0 : 'done'), \"\\n\";\n"));

        var result = await backend.Shared.RunAsync(
            new ExecSpec("perl", "-") { User = SandboxUser.Root }, RunLimits.Default with { Input = System.Text.Encoding.UTF8.GetBytes(script) }, Ct);

        Assert.Equal("", result.ErrorText);
        var answers = result.OutputText.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(": ")).ToDictionary(pair => pair[0], pair => pair[1]);
        Assert.All(refused, call => Assert.True(answers[call.Name] is "1" or "38", $"{call.Name}: {answers[call.Name]}"));
        Assert.All(allowed, call => Assert.Equal("done", answers[call.Name]));
    }

    [Fact]
    public async Task Setuid_GivesNothing()
    {
        await BackendFixture.RunAsRootAsync(backend.Shared, "sh", "-c", "cp /usr/bin/id /usr/bin/id-of-root && chmod 4755 /usr/bin/id-of-root");

        Assert.Equal("1000\n", (await BackendFixture.RunAsync(backend.Shared, "id-of-root", "-u")).OutputText);
        Assert.Equal("4755\n", (await BackendFixture.RunAsync(backend.Shared, "stat", "-c", "%a", "/usr/bin/id-of-root")).OutputText); // Control.
    }

    [Fact]
    public async Task Capabilities_OfTheUser_AreNone_AndOfRoot_AreTheFew()
    {
        Assert.Contains("CapEff:\t0000000000000000", (await BackendFixture.RunAsync(backend.Shared, "grep", "Cap", "/proc/self/status")).OutputText);
        Assert.Contains("CapEff:\t00000000000004fb", (await BackendFixture.RunAsRootAsync(backend.Shared, "grep", "Cap", "/proc/self/status")).OutputText);
    }

    [Fact]
    public async Task FirstProcess_CannotBeKilledFromInside()
    {
        await BackendFixture.RunAsRootAsync(backend.Shared, "sh", "-c", "kill -9 1; kill -TERM 1");

        Assert.Equal(SandboxState.Running, await backend.Shared.GetStateAsync(Ct));
    }
}
