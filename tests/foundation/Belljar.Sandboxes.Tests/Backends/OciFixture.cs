namespace Belljar.Sandboxes.Tests.Backends;

public class OciFixture : BackendFixture
{
    public override string BackendName => "oci";

    protected override Task<(SandboxSettings Settings, string? Problem)> OpenAsync(SandboxSettings folders) =>
        Task.FromResult<(SandboxSettings, string?)>((folders, null));
}

/// <summary>The shared sandbox has the profile of decoys.</summary>
public sealed class OciDecoyFixture : OciFixture
{
    protected override SandboxSpec SharedSpec => base.SharedSpec with { Profile = SandboxProfile.Decoy };
}
