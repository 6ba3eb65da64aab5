using Belljar.Bus;
using Belljar.Contracts;
using Belljar.Hosting;
using Belljar.Hosting.Settings;
using Belljar.Hosting.Workers;
using Belljar.Testing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Belljar.Decoys.Tests.Presence;

/// <summary>The worker, started as the executable starts it, over a home of its own.</summary>
internal sealed class TestWorker : IAsyncDisposable
{
    private readonly TemporaryFolder _home = new();
    private IHost? _host;

    public TestWorker(string fleet, TimeProvider? clock = null)
    {
        Clock = clock ?? TimeProvider.System;
        Paths = BelljarPaths.At(_home.Path);
        Bus = new InProcessBus(new BusBroker(), "decoys", NullLogger<InProcessBus>.Instance);
        Health = new WorkerHealthReporter("decoys", Clock, Bus, Events);
        Write(fleet);
    }

    public TimeProvider Clock { get; }

    public BelljarPaths Paths { get; }

    public IBus Bus { get; }

    public Recorded Events { get; } = new();

    public WorkerHealthReporter Health { get; }

    public DecoysSettings Settings { get; init; } = new("decoys.yaml", 1000, 100);

    public IReadOnlyList<BoundListener> Listeners => Health.Current.Listeners;

    public void Write(string fleet) => File.WriteAllText(Path.Combine(Paths.Home, "decoys.yaml"), fleet);

    public async Task<TestWorker> StartAsync()
    {
        _host = DecoysWorker.Definition.BuildHost(new WorkerContext
        {
            Paths = Paths,
            Settings = SettingsSet.Of((DecoysSettings.Section, Settings)),
            Clock = Clock,
            Events = Events,
            Bus = Bus,
            Health = Health,
            Workers = new NoControl(),
            Loggers = NullLoggerFactory.Instance,
        });
        await _host.StartAsync(TestContext.Current.CancellationToken);
        return this;
    }

    public async Task StopAsync()
    {
        await _host!.StopAsync(CancellationToken.None);
        _host.Dispose();
        _host = null;
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            await StopAsync();
        }

        await Bus.DisposeAsync();
        _home.Dispose();
    }

    private sealed class NoControl : IWorkerControl
    {
        public IReadOnlyList<WorkerHealth> Snapshot() => [];

        public Task StartAsync(string worker, CancellationToken ct) => Task.CompletedTask;

        public Task StopAsync(string worker, CancellationToken ct) => Task.CompletedTask;

        public Task RestartAsync(string worker, CancellationToken ct) => Task.CompletedTask;
    }
}
