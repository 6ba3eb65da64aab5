using System.Text;
using Belljar.Sandboxes.Isolation;
using Belljar.Sandboxes.Processes;
using Belljar.Sandboxes.Tests.Backends;

namespace Belljar.Sandboxes.Tests.Conformance;

/// <summary>
/// Attempts from inside, made with the tools that an agent or an intruder has, as the sandbox's user and as root inside.
/// Each has a control: the same attempt unconfined, which succeeds, so that it does not fail for another reason.
/// </summary>
public abstract class EscapeConformance(BackendFixture backend)
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    public static TheoryData<string> Names => [.. Attempts.All.Select(attempt => attempt.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Attempt_FailsInsideAndItsControlSucceeds(string name)
    {
        var attempt = Attempts.All.Single(one => one.Name == name);
        Assert.SkipUnless(attempt.Needs is null || Path.Exists(attempt.Needs), $"this kernel has no {attempt.Needs}");
        using var host = new HostSide();

        var user = await InsideAsync(attempt.Command, SandboxUser.Agent, host);
        var root = await InsideAsync(attempt.Command, SandboxUser.Root, host);
        Assert.True(user.ExitCode is not (0 or 127), $"as the user: {user.ExitCode} {user.OutputText} {user.ErrorText}");
        Assert.True(root.ExitCode is not (0 or 127), $"as root inside: {root.ExitCode} {root.OutputText} {root.ErrorText}");
        if (Rootless.IsEntered)
        {
            return; // Controls need root; its own run of these tests has them.
        }

        var control = await host.ControlAsync(attempt, Ct);
        Assert.True(control.ExitCode == 0, $"control: {control.ExitCode} {control.ErrorText}");
    }

    [Fact]
    public async Task SystemCalls_OfTheRefusedKind_AreRefused_AndTheControlsAreNot()
    {
        Assert.SkipUnless(ProgramPath.Find("perl") is not null, "the attempts are made with perl's syscall");
        Assert.SkipUnless(System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.X64, "the numbers are x86-64's");
        var all = SystemCalls.Refused.Concat(SystemCalls.Allowed);
        var script = Encoding.UTF8.GetBytes(SystemCalls.Script(all));
        var onHost = Encoding.UTF8.GetBytes(SystemCalls.Script(SystemCalls.Refused));

        var inside = await backend.Shared.RunAsync(new ExecSpec("perl", "-") { User = SandboxUser.Root }, RunLimits.Default with { Input = script }, Ct);
        var control = await ChildProcess.RunAsync(new ChildSpec("perl", "-"), RunLimits.Default with { Input = onHost }, Ct);

        Assert.Equal("", inside.ErrorText);
        var answers = SystemCalls.Answers(inside.OutputText);
        var controls = SystemCalls.Answers(control.OutputText);
        Assert.All(SystemCalls.Refused, call => Assert.True(answers[call.Name] is "1" or "38", $"{call.Name}: {answers[call.Name]}"));
        Assert.All(SystemCalls.Allowed, call => Assert.Equal("done", answers[call.Name]));
        Assert.All(Rootless.IsEntered ? [] : SystemCalls.Refused, call => Assert.False(controls[call.Name] is "1" or "38", $"control {call.Name}: {controls[call.Name]}"));
    }

    [Theory]
    [InlineData("finit_module")]
    [InlineData("kexec_load")]
    [InlineData("reboot")]
    public async Task SystemCall_OfTheMachinesOwner_IsRefused_AndTheControlIsNot(string name)
    {
        Assert.SkipUnless(ProgramPath.Find("perl") is not null, "the attempts are made with perl's syscall");
        Assert.SkipUnless(System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.X64, "the numbers are x86-64's");
        var script = Encoding.UTF8.GetBytes(SystemCalls.Script(SystemCalls.OfTheOwner.Where(call => call.Name == name)));

        var inside = await backend.Shared.RunAsync(new ExecSpec("perl", "-") { User = SandboxUser.Root }, RunLimits.Default with { Input = script }, Ct);
        var control = await ChildProcess.RunAsync(new ChildSpec("perl", "-"), RunLimits.Default with { Input = script }, Ct);

        Assert.True(SystemCalls.Answers(inside.OutputText)[name] is "1" or "38", inside.OutputText);
        Assert.SkipWhen(SystemCalls.Answers(control.OutputText)[name] is "1" or "38", "this machine refuses it to its own root, or its kernel lacks it");
    }

    [Fact]
    public async Task HostProcesses_AreNotSeen()
    {
        var result = await BackendFixture.RunAsRootAsync(backend.Shared, "sh", "-c", "cat /proc/1/comm; ls -d /proc/[0-9]* | wc -l");

        var lines = result.OutputText.Split('\n');
        Assert.Equal(".init", lines[0]);
        Assert.InRange(int.Parse(lines[1]), 2, 20);
    }

    [Fact]
    public async Task FirstProcess_HasNoEnvironmentButWhatTheRuntimeSets()
    {
        var environment = (await BackendFixture.RunAsRootAsync(backend.Shared, "cat", "/proc/1/environ")).OutputText;

        Assert.All(environment.Split('\0', StringSplitOptions.RemoveEmptyEntries), pair => Assert.Contains(pair.Split('=')[0], (string[])["HOME", "PATH", "HOSTNAME"]));
    }

    [Fact]
    public async Task FirstProcess_CannotBeKilledFromInside()
    {
        await BackendFixture.RunAsRootAsync(backend.Shared, "sh", "-c", "kill -9 1; kill -TERM 1");

        Assert.Equal(SandboxState.Running, await backend.Shared.GetStateAsync(Ct));
    }

    [Fact]
    public async Task Setuid_GivesRootInsideToDecoysOnly()
    {
        var made = await BackendFixture.RunAsRootAsync(backend.Shared, "sh", "-c", "cp /usr/bin/id /opt/id-of-root && chmod 4755 /opt/id-of-root");

        Assert.Equal("", made.ErrorText);
        var expected = backend.Profile == SandboxProfile.Decoy ? "0\n" : "1000\n";
        Assert.Equal(expected, (await BackendFixture.RunAsync(backend.Shared, "/opt/id-of-root", "-u")).OutputText);
        Assert.Equal("4755\n", (await BackendFixture.RunAsync(backend.Shared, "stat", "-c", "%a", "/opt/id-of-root")).OutputText);
    }

    [Fact]
    public async Task Capabilities_OfTheUser_AreNone_AndOfRoot_AreTheFew()
    {
        var few = backend.Profile == SandboxProfile.Decoy ? "00000000a00405fb" : "00000000000004fb";

        Assert.Contains("CapEff:\t0000000000000000", (await BackendFixture.RunAsync(backend.Shared, "grep", "Cap", "/proc/self/status")).OutputText);
        Assert.Contains($"CapEff:\t{few}", (await BackendFixture.RunAsRootAsync(backend.Shared, "grep", "Cap", "/proc/self/status")).OutputText);
    }

    [Fact]
    public async Task AnotherSandboxesListener_IsNotReached()
    {
        var other = await backend.StartedAsync(new SandboxSpec { Name = $"other-{backend.Profile.ToString().ToLowerInvariant()}" });
        using var listener = await other.ListenAsync(17482, Ct);
        const string Connect = "bash -c 'exec 3<>/dev/tcp/127.0.0.1/17482'";

        Assert.Equal(1, (await BackendFixture.RunAsync(backend.Shared, "sh", "-c", Connect)).ExitCode);
        Assert.Equal(0, (await BackendFixture.RunAsync(other, "sh", "-c", Connect)).ExitCode);
        await other.DeleteAsync(Ct);
    }

    [Fact]
    public async Task ListenersPort_CannotBeTakenInside()
    {
        using var listener = await backend.Shared.ListenAsync(17483, Ct);
        const string Bind = "perl -e 'socket(S, 2, 1, 0); exit(bind(S, pack(\"Sna4x8\", 2, $ARGV[0], pack(\"C4\", 127, 0, 0, 1))) ? 0 : 1)' ";

        Assert.Equal(1, (await BackendFixture.RunAsRootAsync(backend.Shared, "sh", "-c", Bind + "17483")).ExitCode);
        Assert.Equal(0, (await BackendFixture.RunAsRootAsync(backend.Shared, "sh", "-c", Bind + "17484")).ExitCode);
    }

    [Fact]
    public async Task Survivors_OfTeardown_ThereAreNone()
    {
        var mark = $"{Random.Shared.Next(100_000, 999_999)}";
        var sandbox = await backend.StartedAsync(new SandboxSpec { Name = $"undead-{backend.Profile.ToString().ToLowerInvariant()}" });
        await BackendFixture.RunAsRootAsync(sandbox, "sh", "-c", $"setsid nohup sleep {mark} > /dev/null 2>&1 & (setsid sleep {mark} > /dev/null 2>&1 &) ; true");
        Assert.True(Sleepers(mark) > 0); // Control.

        await sandbox.DeleteAsync(Ct);

        Assert.Equal(0, Sleepers(mark));
    }

    private Task<RunResult> InsideAsync(string command, SandboxUser user, HostSide host) => backend.Shared.RunAsync(
        new ExecSpec("sh", "-c", command) { User = user, Environment = host.Environment }, RunLimits.Default, Ct);

    private static int Sleepers(string mark) => Directory.EnumerateDirectories("/proc").Where(path => char.IsAsciiDigit(path[6])).Count(path =>
    {
        try
        {
            return File.ReadAllText($"{path}/cmdline").Contains($"sleep\0{mark}", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    });
}
