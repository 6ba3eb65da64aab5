using Belljar.Sandboxes.Docker;
using Belljar.Sandboxes.Images;
using Belljar.Sandboxes.Tests.Backends;
using Belljar.Testing;

namespace Belljar.Sandboxes.Tests.Docker;

/// <summary>Dockerfiles by a real engine; the base image is made of this machine's packages.</summary>
public class DockerfileBuildTests(DockerEngine engine, DebianTree debian)
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Build_GivesATreeThatAnOciSandboxRuns_AndSaysWhatItDoes()
    {
        using var folder = new TemporaryFolder();
        var run = $"/run/bj-{Guid.NewGuid():N}"[..16];
        var settings = (await SettingsAsync(folder)) with { RunFolder = run };
        await DockerfileAsync(folder, settings, "COPY hello /opt/hello\nRUN echo built by $(id -un) > /opt/built && chown 1000:1000 /opt/built\n");
        await File.WriteAllTextAsync(folder["context/hello"], "hello\n", Ct);
        var said = new List<string>();

        var image = await new DockerfileBuild(settings).RunAsync("made", folder["context"], said.Add, Ct);

        Assert.Contains(said, line => line.StartsWith("Step 3/3", StringComparison.Ordinal));
        Assert.Equal("built by root\n", await File.ReadAllTextAsync(Path.Combine(image.Rootfs, "opt/built"), Ct));
        var oci = SandboxBackends.All["oci"].Open(settings);
        var sandbox = await oci.CreateAsync(new SandboxSpec { Name = "of-image", Rootfs = SandboxRootfs.Image("made") }, Ct);
        await sandbox.StartAsync(Ct);
        Assert.Equal("hello\nagent\n", (await BackendFixture.RunAsync(sandbox, "sh", "-c", "cat /opt/hello; stat -c %U /opt/built")).OutputText);
        await sandbox.DeleteAsync(Ct);
        Assert.Empty(await SandboxBackends.All["docker"].Open(settings).FindRemainsAsync(Ct)); // No helper container is left.
        Directory.Delete(run, recursive: true);
    }

    [Fact]
    public async Task Build_ThatFails_SaysWhichStepAndHow()
    {
        using var folder = new TemporaryFolder();
        var settings = await SettingsAsync(folder);
        Directory.CreateDirectory(folder["context"]);
        await File.WriteAllTextAsync(folder["context/Dockerfile"], "FROM scratch\nCOPY Dockerfile /no-program\nRUN [\"/no-program\"]\n", Ct);
        var said = new List<string>();

        var failure = await Assert.ThrowsAsync<EngineException>(() => new DockerfileBuild(settings).RunAsync("failing", folder["context"], said.Add, Ct));

        Assert.Contains("The build failed", failure.Message);
        Assert.Contains("/no-program", failure.Message);
        Assert.Contains(said, line => line.StartsWith("Step 3/3", StringComparison.Ordinal));
        Assert.Empty(new ImageStore(settings).List());
    }

    private async Task<SandboxSettings> SettingsAsync(TemporaryFolder folder)
    {
        Assert.SkipWhen(await engine.EnsureAsync() is { } problem, "no Docker engine can be started here");
        return new SandboxSettings { StateFolder = folder["s"], EngineSocket = engine.Socket };
    }

    private async Task DockerfileAsync(TemporaryFolder folder, SandboxSettings settings, string steps)
    {
        var image = await new DockerImages(new EngineClient(engine.Socket), settings).EnsureAsync(SandboxRootfs.Directory(await debian.FolderAsync()), Ct);
        Directory.CreateDirectory(folder["context"]);
        await File.WriteAllTextAsync(folder["context/Dockerfile"], $"FROM {image}\n{steps}", Ct);
    }
}
