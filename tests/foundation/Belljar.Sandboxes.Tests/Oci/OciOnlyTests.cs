using Belljar.Sandboxes.Isolation;
using Belljar.Sandboxes.Processes;
using Belljar.Sandboxes.Tests.Backends;

namespace Belljar.Sandboxes.Tests.Oci;

/// <summary>What the oci backend does beyond what every backend does.</summary>
public class OciOnlyTests(OciFixture oci) : IClassFixture<OciFixture>
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task TwoSandboxes_HaveDifferentUserNumbersOnTheHost()
    {
        Assert.SkipWhen(Rootless.IsEntered, "sandboxes of a user who is not root share his one range of numbers");
        var a = await oci.CreateAsync(new SandboxSpec { Name = "one" });
        var b = await oci.CreateAsync(new SandboxSpec { Name = "two" });
        await a.StartAsync(Ct);
        await b.StartAsync(Ct);

        var maps = new[] { await BackendFixture.RunAsync(a, "cat", "/proc/self/uid_map"), await BackendFixture.RunAsync(b, "cat", "/proc/self/uid_map") };

        var bases = maps.Select(map => int.Parse(map.OutputText.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1])).ToArray();
        Assert.All(bases, first => Assert.True(first > 1_000_000));
        Assert.NotEqual(bases[0], bases[1]);
        await a.DeleteAsync(Ct);
        await b.DeleteAsync(Ct);
    }

    [Fact]
    public async Task WritesToUsr_StayInTheSandbox()
    {
        Assert.SkipWhen(Rootless.IsEntered, "for a user who is not root, the host's /usr belongs to nobody inside");
        var result = await BackendFixture.RunAsRootAsync(oci.Shared, "sh", "-c", "echo '#!/bin/sh\necho mine' > /usr/bin/belljar-escape && chmod 755 /usr/bin/belljar-escape && belljar-escape");

        Assert.Equal("mine\n", result.OutputText); // Control: it is written...
        Assert.False(File.Exists("/usr/bin/belljar-escape")); // ...but not there.
    }

    [Fact]
    public async Task RootInside_IsNobodyOutside()
    {
        await using var execution = await oci.Shared.ExecAsync(new ExecSpec("sleep", "98765") { User = SandboxUser.Root }, Ct);
        string? status = null;
        while (status is null)
        {
            status = Directory.EnumerateDirectories("/proc").Where(path => char.IsAsciiDigit(path[6])).Select(TrySleeper).FirstOrDefault(text => text is not null);
        }

        var uid = int.Parse(status.Split('\n').First(line => line.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t')[1]);
        Assert.True(Rootless.IsEntered ? uid == Rootless.FirstId : uid > 1_000_000, $"uid {uid}");
    }

    private static string? TrySleeper(string folder)
    {
        try
        {
            return File.ReadAllText($"{folder}/cmdline") == "sleep\098765\0" ? File.ReadAllText($"{folder}/status") : null;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
