using System.Text;
using Belljar.Sandboxes.Processes;
using Belljar.Sandboxes.Tests.Backends;

namespace Belljar.Sandboxes.Tests.Conformance;

/// <summary>No value given as environment or input is in any process's arguments or in any file on the host.</summary>
public abstract class SecretConformance(BackendFixture backend)
{
    private const int Rounds = 10;
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Values_OfEnvironmentAndInput_AreOnNoArgumentListAndInNoFileOfTheHost()
    {
        var secret = $"secret-{Guid.NewGuid():N}";
        var sandbox = await backend.StartedAsync(new SandboxSpec { Name = "secrets", Environment = new Dictionary<string, string> { ["OF_SANDBOX"] = secret } });
        await using var watcher = new SecretWatcher(secret, backend.HostFolders);
        for (var i = 0; i < Rounds || watcher.Looks < Rounds; i++)
        {
            var exec = new ExecSpec("sh", "-c", "read line; echo ${#VALUE} ${#OF_SANDBOX} ${#line}")
            {
                Environment = new Dictionary<string, string> { ["VALUE"] = secret },
            };
            var result = await sandbox.RunAsync(exec, RunLimits.Default with { Input = Encoding.UTF8.GetBytes(secret + "\n") }, Ct);
            Assert.Equal($"{secret.Length} {secret.Length} {secret.Length}\n", result.OutputText);
        }

        var terminal = await TerminalAsync(sandbox, secret);
        await sandbox.StopAsync(Ct);

        Assert.Contains($"{secret.Length}", terminal);
        Assert.DoesNotContain(secret, terminal); // Not echoed either.
        Assert.Empty(await watcher.FindingsAsync());
        await sandbox.DeleteAsync(Ct);
    }

    [Fact]
    public async Task Watcher_SeesAValueOnAnArgumentListAndInAFile()
    {
        Directory.CreateDirectory(backend.Settings.StateFolder);
        var secret = $"control-{Guid.NewGuid():N}";
        await using var watcher = new SecretWatcher(secret, backend.HostFolders);
        await using var child = ChildProcess.Start(new ChildSpec("sh", "-c", "read x", secret) { Input = ChildStream.Pipe });
        var file = Path.Combine(backend.Settings.StateFolder, "control");
        await File.WriteAllTextAsync(file, $"x{secret}x", Ct);
        await watcher.AnotherLookAsync(Ct);

        var found = await watcher.FindingsAsync();

        Assert.Contains(found, finding => finding.Contains($"/proc/{child.Pid}", StringComparison.Ordinal));
        Assert.Contains(file, found);
        File.Delete(file);
    }

    private static async Task<string> TerminalAsync(ISandbox sandbox, string secret)
    {
        await using var execution = await sandbox.ExecAsync(
            new ExecSpec("sh", "-c", "echo ${#VALUE}")
            {
                Terminal = new TerminalSize(80, 24),
                Environment = new Dictionary<string, string> { ["VALUE"] = secret },
            },
            Ct);
        var text = new StringBuilder();
        var buffer = new byte[1024];
        int count;
        while ((count = await execution.Output!.ReadAsync(buffer, Ct)) > 0)
        {
            text.Append(Encoding.UTF8.GetString(buffer, 0, count));
        }

        return text.ToString();
    }
}
