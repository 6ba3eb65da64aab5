using Belljar.Sandboxes.Docker;

[assembly: AssemblyFixture(typeof(Belljar.Sandboxes.Tests.Backends.DockerEngine))]

namespace Belljar.Sandboxes.Tests.Backends;

public class DockerFixture(DockerEngine engine) : BackendFixture
{
    public override string BackendName => "docker";

    public override IEnumerable<string> HostFolders => [Settings.StateFolder, engine.Folder];

    public override async Task<IReadOnlyList<string>> EngineKeepsAsync(SandboxSettings settings, CancellationToken ct)
    {
        var remains = new DockerRemains(new EngineClient(settings.EngineSocket), new DockerStore(settings), _ => throw new NotSupportedException());
        return [.. (await remains.ListAsync(ct)).Select(entry => $"{entry?["Names"]} {entry?["State"]}")];
    }

    protected override async Task<(SandboxSettings Settings, string? Problem)> OpenAsync(SandboxSettings folders) =>
        (folders with { EngineSocket = engine.Socket }, await engine.EnsureAsync());
}

/// <summary>The shared sandbox has the profile of decoys.</summary>
public sealed class DockerDecoyFixture(DockerEngine engine) : DockerFixture(engine)
{
    protected override SandboxSpec SharedSpec => base.SharedSpec with { Profile = SandboxProfile.Decoy };
}

/// <summary>Through the engine alone, as for a caller who is not root.</summary>
public sealed class EngineOnlyFixture(DockerEngine engine) : DockerFixture(engine)
{
    protected override async Task<(SandboxSettings Settings, string? Problem)> OpenAsync(SandboxSettings folders)
    {
        var (settings, problem) = await base.OpenAsync(folders);
        return (settings with { EnterContainers = false }, problem);
    }
}
