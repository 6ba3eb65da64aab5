using Belljar.Sandboxes.Isolation;
using Belljar.Sandboxes.Processes;
using Belljar.Sandboxes.Tests.Conformance;
using Belljar.Testing;

namespace Belljar.Sandboxes.Tests.Backends;

/// <summary>One backend in folders of its own, and one running sandbox that tests which do not stop it share.</summary>
public abstract class BackendFixture : IAsyncLifetime
{
    private readonly TemporaryFolder _state = new();
    private readonly string _run;
    private ISandboxBackend? _backend;

    protected BackendFixture()
    {
        _run = Rootless.IsEntered ? _state["run"] : $"/run/bj-{Guid.NewGuid():N}"[..16];
    }

    public SandboxSettings Settings { get; private set; } = null!;

    public ISandboxBackend Backend => _backend ?? throw new InvalidOperationException("not opened");

    /// <summary>Another object for the same backend, as another process has it.</summary>
    public ISandboxBackend Another() => SandboxBackends.All[BackendName].Open(Settings);

    public string? Problem { get; private set; }

    public abstract string BackendName { get; }

    /// <summary>Where this backend keeps anything on the host.</summary>
    public virtual IEnumerable<string> HostFolders => [Settings.StateFolder, Settings.RunFolder];

    public ISandbox Shared
    {
        get
        {
            SkipWithoutBackend();
            return field!;
        }

        private set;
    }

    public async ValueTask InitializeAsync()
    {
        (Settings, Problem) = await OpenAsync(new SandboxSettings { StateFolder = _state["s"], RunFolder = _run });
        _backend = Another();
        SuiteWatch.Add(HostFolders);
        Problem ??= (await Backend.ProbeAsync(default)).Problem;
        if (Problem is null)
        {
            Shared = await Backend.CreateAsync(Watched(SharedSpec), default);
            await Shared.StartAsync(default);
        }
    }

    /// <summary>A sandbox of the test's own; deleted with the fixture.</summary>
    public async Task<ISandbox> CreateAsync(SandboxSpec spec)
    {
        SkipWithoutBackend();
        return await Backend.CreateAsync(Watched(spec), TestContext.Current.CancellationToken);
    }

    public async Task<ISandbox> StartedAsync(SandboxSpec spec)
    {
        var sandbox = await CreateAsync(spec);
        await sandbox.StartAsync(TestContext.Current.CancellationToken);
        return sandbox;
    }

    public async ValueTask DisposeAsync()
    {
        if (Problem is null)
        {
            foreach (var sandbox in await Backend.ListAsync(default))
            {
                await sandbox.DeleteAsync(default);
            }
        }

        if (Directory.Exists(_run))
        {
            Directory.Delete(_run, recursive: true);
        }

        _state.Dispose();
        GC.SuppressFinalize(this);
    }

    public static Task<RunResult> RunAsync(ISandbox sandbox, params string[] command) =>
        sandbox.RunAsync(new ExecSpec(command), RunLimits.Default, TestContext.Current.CancellationToken);

    public static Task<RunResult> RunAsRootAsync(ISandbox sandbox, params string[] command) =>
        sandbox.RunAsync(new ExecSpec(command) { User = SandboxUser.Root }, RunLimits.Default, TestContext.Current.CancellationToken);

    public bool Can(SandboxFeatures feature) => SandboxBackends.All[BackendName].Features.HasFlag(feature);

    public SandboxProfile Profile => SharedSpec.Profile;

    /// <summary>Skips where this machine or this user cannot have a limit enforced: the sandbox says so itself.</summary>
    public static void SkipWhenNotLimited(ISandbox sandbox) =>
        Assert.SkipWhen(sandbox.Warnings.Any(warning => warning.Contains("is not limited: ", StringComparison.Ordinal)), string.Join(' ', sandbox.Warnings));

    /// <summary>What an engine has of a store, helpers and all; nothing where there is no engine.</summary>
    public virtual Task<IReadOnlyList<string>> EngineKeepsAsync(SandboxSettings settings, CancellationToken ct) => Task.FromResult<IReadOnlyList<string>>([]);

    protected virtual SandboxSpec SharedSpec => new() { Name = "shared", Hostname = "glass" };

    private static SandboxSpec Watched(SandboxSpec spec) => spec with { Environment = SuiteWatch.With(spec.Environment) };

    protected abstract Task<(SandboxSettings Settings, string? Problem)> OpenAsync(SandboxSettings folders);

    public void SkipWithoutBackend() => Assert.SkipUnless(Problem is null, $"{BackendName}: {Problem}");
}
