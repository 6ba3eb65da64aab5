using Belljar.Sandboxes.Processes;
using Belljar.Testing;

namespace Belljar.Sandboxes.Tests.Oci;

/// <summary>One backend in folders of its own, and one running sandbox that tests which do not stop it share.</summary>
public sealed class OciFixture : IAsyncLifetime
{
    private readonly TemporaryFolder _state = new();
    private readonly string _run = $"/run/bj-{Guid.NewGuid():N}"[..16];

    public SandboxSettings Settings => new() { StateFolder = _state["s"], RunFolder = _run };

    public ISandboxBackend Backend => SandboxBackends.All["oci"].Open(Settings);

    public string? Problem { get; private set; }

    public ISandbox Shared
    {
        get
        {
            Assert.SkipUnless(Problem is null, Problem ?? "");
            return field!;
        }

        private set;
    }

    public async ValueTask InitializeAsync()
    {
        Problem = (await Backend.ProbeAsync(default)).Problem;
        if (Problem is null)
        {
            Shared = await Backend.CreateAsync(new SandboxSpec { Name = "shared", Hostname = "glass" }, default);
            await Shared.StartAsync(default);
        }
    }

    /// <summary>A sandbox of the test's own; deleted with the fixture.</summary>
    public async Task<ISandbox> CreateAsync(SandboxSpec spec)
    {
        Assert.SkipUnless(Problem is null, Problem ?? "");
        return await Backend.CreateAsync(spec, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (Problem is null)
        {
            foreach (var sandbox in await Backend.ListAsync(default))
            {
                await sandbox.DeleteAsync(default);
            }

            Directory.Delete(_run, recursive: true);
        }

        _state.Dispose();
    }

    public static Task<RunResult> RunAsync(ISandbox sandbox, params string[] command) =>
        sandbox.RunAsync(new ExecSpec(command), RunLimits.Default, TestContext.Current.CancellationToken);

    public static Task<RunResult> RunAsRootAsync(ISandbox sandbox, params string[] command) =>
        sandbox.RunAsync(new ExecSpec(command) { User = SandboxUser.Root }, RunLimits.Default, TestContext.Current.CancellationToken);
}
