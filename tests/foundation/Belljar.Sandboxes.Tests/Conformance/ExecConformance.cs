using System.Net;
using System.Net.Sockets;
using System.Text;
using Belljar.Sandboxes.Processes;
using Belljar.Sandboxes.Tests.Backends;
using Belljar.Testing;

namespace Belljar.Sandboxes.Tests.Conformance;

public abstract class ExecConformance(BackendFixture backend)
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Exec_WithADescriptor_HasItAsThree_OrIsRefused_AsTheCatalogueSays()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["given"], "given", Ct);
        using var file = File.OpenHandle(folder["given"]);
        var spec = new ExecSpec("sh", "-c", "cat <&3; ls /proc/self/fd") { Descriptors = [file] };
        var sandbox = backend.Shared;
        if (!backend.Can(SandboxFeatures.PassDescriptors))
        {
            Assert.Contains("oci", (await Assert.ThrowsAsync<SandboxException>(() => sandbox.ExecAsync(spec, Ct))).Message);
            return;
        }

        Assert.Equal("given0\n1\n2\n3\n4\n", (await sandbox.RunAsync(spec, RunLimits.Default, Ct)).OutputText); // 4 is ls's own.
    }

    [Theory]
    [InlineData("exit 0", 0)]
    [InlineData("exit 3", 3)]
    [InlineData("exit 255", 255)]
    [InlineData("kill -KILL $$", 137)]
    public async Task Exec_GivesTheCommandsOwnCode(string script, int code)
    {
        await using var execution = await backend.Shared.ExecAsync(new ExecSpec("sh", "-c", script), Ct);

        Assert.Equal(new ExecResult(code, ExecEnding.Exited), await execution.Completed);
    }

    [Theory]
    [InlineData("belljar-no-such")]
    [InlineData("/no/such/program")]
    public async Task Exec_OfAMissingProgram_Is127(string program)
    {
        await using var execution = await backend.Shared.ExecAsync(new ExecSpec(program), Ct);

        var result = await execution.Completed;

        Assert.Equal((127, ExecEnding.ProgramMissing), (result.ExitCode, result.Ending));
    }

    [Fact]
    public async Task Exec_OfAFileThatIsNoProgram_Is126()
    {
        await using var execution = await backend.Shared.ExecAsync(new ExecSpec("/etc/passwd"), Ct);

        var result = await execution.Completed;

        Assert.Equal((126, ExecEnding.NotRunnable), (result.ExitCode, result.Ending));
    }

    [Fact]
    public async Task Exec_PastItsTime_Is124AndItsSessionIsGone()
    {
        var spec = new ExecSpec("sh", "-c", "sleep 4321 & sleep 4321") { Timeout = TimeSpan.FromMilliseconds(300) };

        await using var execution = await backend.Shared.ExecAsync(spec, Ct);

        Assert.Equal(new ExecResult(124, ExecEnding.TimedOut), await execution.Completed);
        Assert.DoesNotContain("4321", (await BackendFixture.RunAsync(backend.Shared, "sh", "-c", "cat /proc/[0-9]*/cmdline | tr '\\0' ' ' | sed s/sed.*//")).OutputText);
    }

    [Fact]
    public async Task Exec_WithInput_IsByteExact()
    {
        var bytes = Enumerable.Range(0, 500_000).Select(i => (byte)(i * 7)).ToArray();

        var result = await backend.Shared.RunAsync(new ExecSpec("cat"), RunLimits.Default with { Input = bytes }, Ct);

        Assert.Equal(bytes, result.Output);
    }

    [Fact]
    public async Task Exec_RunsAsTheSandboxUserInItsHome()
    {
        var result = await BackendFixture.RunAsync(backend.Shared, "sh", "-c", "id -un; id -u; pwd; hostname; echo $HOME $USER; touch x && echo writable");

        Assert.Equal("agent\n1000\n/home/agent\nglass\n/home/agent agent\nwritable\n", result.OutputText);
    }

    [Fact]
    public async Task Exec_EnvironmentOfSandboxAndCommand_IsMergedAndReachesLaterOnesToo()
    {
        var sandbox = await backend.CreateAsync(new SandboxSpec
        {
            Name = "env",
            Environment = new Dictionary<string, string> { ["A"] = "sandbox", ["B"] = "sandbox" },
        });
        await sandbox.StartAsync(Ct);
        var exec = new ExecSpec("sh", "-c", "echo $A $B") { Environment = new Dictionary<string, string> { ["B"] = "command" } };

        Assert.Equal("sandbox command\n", (await sandbox.RunAsync(exec, RunLimits.Default, Ct)).OutputText);
        Assert.Equal("sandbox sandbox\n", (await BackendFixture.RunAsync(sandbox, "sh", "-c", "echo $A $B")).OutputText);
        await sandbox.DeleteAsync(Ct);
    }

    [Fact]
    public async Task Exec_OnATerminal_HasOneAndIsToldOfItsSize()
    {
        await using var execution = await backend.Shared.ExecAsync(
            new ExecSpec("sh", "-c", "stty size; tty; trap 'stty size; exit 5' WINCH; echo ready; while :; do sleep 0.05; done")
            {
                Terminal = new TerminalSize(101, 33),
            },
            Ct);
        var first = await ReadUntilAsync(execution.Output!, "ready\r\n");

        execution.Resize(new TerminalSize(70, 20));

        var rest = await ReadUntilAsync(execution.Output!, "20 70\r\n");
        Assert.Contains("33 101", first);
        Assert.Contains("/dev/pts/", first);
        Assert.Contains("20 70", rest);
        Assert.Equal(5, (await execution.Completed).ExitCode);
    }

    [Fact]
    public async Task Listen_IsReachableFromInsideAndNotFromOutside()
    {
        using var listener = await backend.Shared.ListenAsync(17480, Ct);
        var serving = Task.Run(
            async () =>
            {
                using var connection = await listener.AcceptAsync(Ct);
                await connection.SendAsync("hello from outside\n"u8.ToArray(), Ct);
                connection.Shutdown(SocketShutdown.Send);
            },
            Ct);

        var result = await BackendFixture.RunAsync(backend.Shared, "bash", "-c", "cat < /dev/tcp/127.0.0.1/17480");

        Assert.Equal("hello from outside\n", result.OutputText);
        await serving;
        using var outside = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        var refused = await Assert.ThrowsAsync<SocketException>(() => outside.ConnectAsync(IPAddress.Loopback, 17480, Ct).AsTask());
        Assert.Equal(SocketError.ConnectionRefused, refused.SocketErrorCode);
    }

    [Fact]
    public async Task Orphans_OfCommands_DoNotStayAsZombies()
    {
        await BackendFixture.RunAsync(backend.Shared, "sh", "-c", "for i in 1 2 3 4 5; do (sleep 0.0$i &) ; done; sleep 0.2");

        var states = await BackendFixture.RunAsync(backend.Shared, "sh", "-c", "cat /proc/[0-9]*/stat | cut -d' ' -f3 | sort -u");

        Assert.DoesNotContain("Z", states.OutputText);
    }

    private static async Task<string> ReadUntilAsync(Stream stream, string end)
    {
        var text = new StringBuilder();
        var buffer = new byte[1024];
        int count;
        while (!text.ToString().Contains(end, StringComparison.Ordinal) && (count = await stream.ReadAsync(buffer, Ct)) > 0)
        {
            text.Append(Encoding.UTF8.GetString(buffer, 0, count));
        }

        return text.ToString();
    }
}
