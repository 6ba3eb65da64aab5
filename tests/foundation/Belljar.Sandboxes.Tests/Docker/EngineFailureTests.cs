using Belljar.Sandboxes.Docker;
using Belljar.Testing;

namespace Belljar.Sandboxes.Tests.Docker;

public class EngineFailureTests
{
    [Theory]
    [InlineData(500, "write /var/lib/docker/tmp/x: no space left on device", EngineProblem.NoSpace, "docker system df")]
    [InlineData(500, "mkdir /home/x: read-only file system", EngineProblem.ReadOnlyFolder, "writable")]
    [InlineData(404, "manifest for debian:nope not found: manifest unknown", EngineProblem.NoBaseImage, "belljar image build")]
    [InlineData(500, "Temporary failure resolving 'mirror.example'", EngineProblem.NoNetwork, "MTU")]
    [InlineData(409, "Conflict. The container name is in use", EngineProblem.Conflict, "")]
    [InlineData(404, "No such container: x", EngineProblem.NotFound, "")]
    [InlineData(500, "something else", EngineProblem.Other, "")]
    public void Classify_TellsByWhatHelps(int status, string words, EngineProblem problem, string remedy)
    {
        var failure = EngineFailure.Classify(status, words);

        Assert.Equal(problem, failure.Problem);
        Assert.Contains(remedy, failure.Remedy);
    }

    [Fact]
    public async Task Probe_WithoutAnEngine_SaysWhatToInstall()
    {
        using var folder = new TemporaryFolder();
        var backend = SandboxBackends.All["docker"].Open(new SandboxSettings { StateFolder = folder["s"], EngineSocket = folder["none.sock"] });

        var probe = await backend.ProbeAsync(TestContext.Current.CancellationToken);

        Assert.Contains("apt install docker.io", probe.Problem);
        Assert.Contains("none.sock", probe.Problem);
    }
}
