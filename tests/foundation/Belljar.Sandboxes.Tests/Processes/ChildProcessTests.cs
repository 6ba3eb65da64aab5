using System.Text;
using Belljar.Sandboxes.Processes;
using Belljar.Testing;
using Microsoft.Win32.SafeHandles;

namespace Belljar.Sandboxes.Tests.Processes;

public class ChildProcessTests
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("exit 0", 0)]
    [InlineData("exit 7", 7)]
    [InlineData("kill -TERM $$", 143)]
    [InlineData("kill -KILL $$", 137)]
    public async Task Run_OfACommand_GivesItsCodeOr128AndTheSignal(string script, int code)
    {
        var result = await RunAsync("sh", "-c", script);

        Assert.Equal(code, result.ExitCode);
    }

    [Fact]
    public async Task Run_WithInput_GivesBothOutputsByteExact()
    {
        var bytes = Enumerable.Range(0, 300_000).Select(i => (byte)i).ToArray();

        var result = await ChildProcess.RunAsync(
            new ChildSpec("sh", "-c", "cat; echo oops >&2"), RunLimits.Default with { Input = bytes }, Ct);

        Assert.Equal(bytes, result.Output);
        Assert.Equal("oops\n", result.ErrorText);
    }

    [Fact]
    public async Task Run_WithAnEnvironment_GivesExactlyThat()
    {
        var spec = new ChildSpec("/usr/bin/env") { Environment = new Dictionary<string, string> { ["A"] = "1=2", ["B"] = "ü\n" } };

        var result = await ChildProcess.RunAsync(spec, RunLimits.Default, Ct);

        Assert.Equal("A=1=2\nB=ü\n\n", result.OutputText);
    }

    [Fact]
    public async Task Run_InAFolder_StartsThere()
    {
        var result = await ChildProcess.RunAsync(new ChildSpec("pwd") { WorkingDirectory = "/usr/share" }, RunLimits.Default, Ct);

        Assert.Equal("/usr/share\n", result.OutputText);
    }

    [Fact]
    public async Task Run_PastItsTime_KillsTheWholeGroup()
    {
        var limits = RunLimits.Default with { Timeout = TimeSpan.FromMilliseconds(200) };

        var result = await ChildProcess.RunAsync(new ChildSpec("sh", "-c", "echo $$; sleep 100 & sleep 100"), limits, Ct);

        Assert.True(result.TimedOut);
        Assert.Equal(RunResult.TimedOutCode, result.ExitCode);
        while (GroupExists(int.Parse(result.OutputText)))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Ct); // Killed, but init has yet to collect them.
        }
    }

    [Fact]
    public async Task Run_WithMoreOutputThanAllowed_KeepsTheFirstAndSaysSo()
    {
        var limits = RunLimits.Default with { MostOutput = 10 };

        var result = await ChildProcess.RunAsync(new ChildSpec("seq", "1", "100000"), limits, Ct);

        Assert.Equal("1\n2\n3\n4\n5\n", result.OutputText);
        Assert.True(result.Truncated);
        Assert.Equal(0, result.ExitCode);
    }

    [Fact]
    public void Start_OfAMissingProgram_SaysWhich()
    {
        Assert.Equal("belljar-no-such", Assert.Throws<ProgramNotFoundException>(() => ChildProcess.Start(new ChildSpec("belljar-no-such"))).Program);
    }

    [Fact]
    public async Task Descriptors_SwappedOverEachOther_ArriveUnderTheChosenNumbersAndNoOthers()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["three"], "three", Ct);
        await File.WriteAllTextAsync(folder["five"], "five", Ct);
        using var three = File.OpenHandle(folder["three"]);
        using var five = File.OpenHandle(folder["five"]);
        var spec = new ChildSpec("sh", "-c", "cat <&3; cat <&5; ls /proc/self/fd") with
        {
            Descriptors = new Dictionary<int, System.Runtime.InteropServices.SafeHandle> { [3] = three, [5] = five },
        };

        var result = await ChildProcess.RunAsync(spec, RunLimits.Default, Ct);

        // 4 is the folder that ls itself reads: it was free.
        Assert.Equal("threefive0\n1\n2\n3\n4\n5\n", result.OutputText);
    }

    [Fact]
    public async Task Start_WhileADescriptorIsInheritable_DoesNotPassItOn()
    {
        using var folder = new TemporaryFolder();
        using var file = File.Create(folder["leak"]);
        ClearCloseOnExec(file.SafeFileHandle);

        var result = await RunAsync("ls", "-l", "/proc/self/fd");

        Assert.DoesNotContain("leak", result.OutputText);
    }

    [Fact]
    public async Task Start_Signals_AreNotIgnoredInTheChild()
    {
        // .NET ignores SIGPIPE; a child that inherited that would show bit 12.
        var result = await RunAsync("grep", "SigIgn", "/proc/self/status");

        // Signals 32 and 33 are the C library's own.
        var ignored = Convert.ToUInt64(result.OutputText.Split((char)9)[1].Trim(), 16);
        Assert.Equal(0UL, ignored & 0x7fffffff);
    }

    [Fact]
    public async Task Start_TwoHundredTimes_LeavesNoDescriptorAndNoZombie()
    {
        await RunAsync("true");
        var before = Directory.GetFiles("/proc/self/fd").Length;

        for (var i = 0; i < 200; i++)
        {
            Assert.Equal(i % 3, (await RunAsync("sh", "-c", $"exit {i % 3}")).ExitCode);
        }

        // Other tests run beside this one and hold some of their own for a moment; a leak would be 200 or more.
        await UntilAsync(() => Directory.GetFiles("/proc/self/fd").Length < before + 60);
        await UntilAsync(() => !Zombies().Any());
    }

    [Fact]
    public async Task Dispose_OfARunningChild_EndsItsGroup()
    {
        var child = ChildProcess.Start(new ChildSpec("sh", "-c", "sleep 100 & echo x; wait") { Output = ChildStream.Pipe });
        await child.Output!.ReadExactlyAsync(new byte[2], Ct);

        await child.DisposeAsync();

        Assert.Equal(137, await child.Exited);
        await UntilAsync(() => !GroupExists(child.Pid)); // A killed grandchild is there until its new parent has collected it.
    }

    [Fact]
    public async Task Send_ToAnEndedChild_IsFalse()
    {
        await using var child = ChildProcess.Start(new ChildSpec("true"));
        await child.Exited;

        Assert.False(child.Send(Signal.Terminate));
    }

    [Fact]
    public async Task Terminal_OfAChild_ControlsItsSessionAndHasTheSize()
    {
        using var terminal = PseudoTerminal.Open(new TerminalSize(91, 17));
        await using var child = ChildProcess.Start(new ChildSpec("sh", "-c", "stty size; tty; ps -o tpgid= -p $$ >/dev/null; cat </dev/tty") { Terminal = terminal });
        await terminal.Stream.WriteAsync("typed\n\u0004"u8.ToArray(), Ct);

        var output = await ReadToEndAsync(terminal.Stream);

        Assert.Contains("17 91\r\n", output);
        Assert.Contains(terminal.Path, output);
        Assert.Contains("typed\r\n", output);
        Assert.Equal(0, await child.Exited);
    }

    [Fact]
    public async Task Terminal_Resized_TellsTheChild()
    {
        using var terminal = PseudoTerminal.Open(new TerminalSize(80, 24));
        await using var child = ChildProcess.Start(new ChildSpec("sh", "-c", "trap 'stty size; exit' WINCH; echo ready; while :; do sleep 0.05; done") { Terminal = terminal });
        await terminal.Stream.ReadExactlyAsync(new byte["ready\r\n".Length], Ct);

        terminal.Resize(new TerminalSize(100, 40));

        Assert.StartsWith("40 100", await ReadToEndAsync(terminal.Stream));
    }

    private static Task<RunResult> RunAsync(params string[] command) => ChildProcess.RunAsync(new ChildSpec(command), RunLimits.Default, Ct);

    private static async Task<string> ReadToEndAsync(Stream stream)
    {
        var text = new StringBuilder();
        var buffer = new byte[1024];
        int count;
        while ((count = await stream.ReadAsync(buffer, Ct)) > 0)
        {
            text.Append(Encoding.UTF8.GetString(buffer, 0, count));
        }

        return text.ToString();
    }

    /// <summary>A killed process that its new parent has not collected yet still counts as a member, but not as running.</summary>
    private static bool GroupExists(int group) =>
        Stats().Any(fields => fields[2] == group.ToString() && fields[0] != "Z" && fields[0] != "X");

    private static IEnumerable<string> Zombies() =>
        Stats().Where(fields => fields[0] == "Z" && fields[1] == Environment.ProcessId.ToString()).Select(fields => fields[2]);

    private static IEnumerable<string[]> Stats()
    {
        foreach (var folder in Directory.GetDirectories("/proc").Where(path => char.IsAsciiDigit(path[6])))
        {
            string text;
            try
            {
                text = File.ReadAllText($"{folder}/stat");
            }
            catch (IOException)
            {
                continue; // Ended meanwhile.
            }

            yield return text[(text.LastIndexOf(')') + 2)..].Split(' ');
        }
    }

    private static void ClearCloseOnExec(SafeFileHandle handle) =>
        Assert.Equal(0, Native.Libc.fcntl((int)handle.DangerousGetHandle(), 2, 0));

    private static async Task UntilAsync(Func<bool> condition)
    {
        for (var started = TimeProvider.System.GetTimestamp(); !condition();)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(60), "not within a minute");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Ct);
        }
    }
}
