using System.Text;
using Belljar.Sandboxes.Processes;
using Belljar.Testing;

namespace E2E.Tests;

/// <summary>Sandboxes and images by hand, as people who debug use them.</summary>
public class SandboxCommandTests
{
    [Fact]
    public async Task Exec_OnATerminal_HasTheOperatorsSizeKeysAndExitCode()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "root makes the sandbox");
        Clients.Need("runc");
        await using var home = new Home();
        Assert.True((await home.RunAsync("sandbox", "create", "--name", "tty")).Succeeded);
        try
        {
            using var terminal = PseudoTerminal.Open(new TerminalSize(91, 27));
            await using var exec = ChildProcess.Start(home.Spec(["sandbox", "exec", "-it", "tty", "--", "bash", "--norc"]) with { Terminal = terminal });
            await using var screen = new Screen(terminal);
            await TypeAsync(terminal, "stty size; tty\r");
            await screen.ShowsAsync("27 91\r\n/dev/pts/");

            terminal.Resize(new TerminalSize(77, 20));
            await screen.ShowsAsync("20 77", again: () => TypeAsync(terminal, "stty size\r"));

            await TypeAsync(terminal, "exit 7\r");
            Assert.Equal(7, await exec.Exited.WaitAsync(TimeSpan.FromSeconds(30)));
        }
        finally
        {
            await home.RunAsync("sandbox", "rm", "tty", "-y");
        }
    }

    [Fact]
    public async Task Images_AreImportedListedAndRemoved()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "root keeps the images");
        await using var home = new Home();
        using var tree = new TemporaryFolder();
        Directory.CreateDirectory(tree["usr/bin"]);
        await File.WriteAllTextAsync(tree["usr/bin/thing"], "thing");

        var imported = await home.RunAsync("image", "import", "things", tree.Path);
        var twice = await home.RunAsync("image", "import", "same-things", tree.Path);
        var list = (await home.RunAsync("image", "list")).OutputText;
        var unknown = await home.RunAsync("sandbox", "create", "--name", "x", "--rootfs", "thing");
        var removed = await home.RunAsync("image", "remove", "things", "-y");
        await home.RunAsync("image", "remove", "same-things", "-y");

        Assert.True(imported.Succeeded, imported.ErrorText);
        Assert.True(twice.Succeeded, twice.ErrorText);
        Assert.Contains("same-things", list);
        Assert.Contains(tree.Path, list);
        Assert.Contains("same-things, things", unknown.ErrorText); // It names what there is.
        Assert.True(removed.Succeeded, removed.ErrorText);
        Assert.DoesNotContain(Directory.EnumerateDirectories(home["state/images"]), folder => Path.GetFileName(folder).Length == 64);
    }

    [Theory]
    [InlineData("agent", "agent", "git --version && curl --version && node --version && python3 --version && rg --version && apt-get --version && pip3 --version && npm --version")]
    [InlineData("decoy", "decoy", "test -x /usr/sbin/sshd && sudo -V")]
    public async Task Images_OfTheDefaultRecipes_AreBuiltAndHoldWhatTheySay(string image, string profile, string check)
    {
        Assert.SkipUnless(TestScale.IsAll, "takes minutes and a package mirror: ./test --all");
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "root builds the images");
        Clients.Need("mmdebstrap");
        await using var home = new Home();

        var built = await ChildProcess.RunAsync(home.Spec(["image", "build", image]), new RunLimits { Timeout = TimeSpan.FromMinutes(15) }, default);
        Assert.True(built.Succeeded, built.ErrorText);
        Assert.True((await home.RunAsync("sandbox", "create", "--name", "made", "--rootfs", image, "--profile", profile)).Succeeded);
        var checkedInside = await home.RunAsync("sandbox", "exec", "made", "--", "sh", "-c", check);
        await home.RunAsync("sandbox", "rm", "made", "-y");

        Assert.True(checkedInside.Succeeded, checkedInside.ErrorText);
    }

    private static async Task TypeAsync(PseudoTerminal terminal, string keys) => await terminal.Stream.WriteAsync(Encoding.ASCII.GetBytes(keys));

    /// <summary>What a terminal has shown so far.</summary>
    private sealed class Screen : IAsyncDisposable
    {
        private readonly StringBuilder _shown = new();
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _reading;

        public Screen(PseudoTerminal terminal)
        {
            _reading = ReadAsync(terminal);
        }

        /// <param name="again">Done at each look, until it is shown.</param>
        public async Task ShowsAsync(string text, Func<Task>? again = null)
        {
            for (var started = TimeProvider.System.GetTimestamp(); !Shown().Contains(text, StringComparison.Ordinal);)
            {
                Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(60), $"not shown: {text}\n{Shown()}");
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
                if (again is not null)
                {
                    await again();
                }
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _reading;
            _stop.Dispose();
        }

        private string Shown()
        {
            lock (_shown)
            {
                return _shown.ToString();
            }
        }

        private async Task ReadAsync(PseudoTerminal terminal)
        {
            var buffer = new byte[4096];
            try
            {
                int count;
                while ((count = await terminal.Stream.ReadAsync(buffer, _stop.Token)) > 0)
                {
                    lock (_shown)
                    {
                        _shown.Append(Encoding.UTF8.GetString(buffer, 0, count));
                    }
                }
            }
            catch (OperationCanceledException)
            {
                // The test is over.
            }
        }
    }
}
