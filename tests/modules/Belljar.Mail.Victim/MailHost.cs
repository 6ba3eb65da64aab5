using System.Collections.Concurrent;
using System.Net;
using Belljar.Bus;
using Belljar.Contracts;
using Belljar.Contracts.Events;
using Belljar.Hosting;
using Belljar.Hosting.Settings;
using Belljar.Hosting.Workers;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Belljar.Mail.Victim;

/// <summary>The worker <c>mail</c>, as the executable runs it, on a free port of the loopback interface.</summary>
public sealed class MailHost : IAsyncDisposable
{
    private readonly IHost _host;

    private MailHost(IHost host, WorkerContext context, Recorded events) => (_host, Context, Events) = (host, context, events);

    public WorkerContext Context { get; }

    public Recorded Events { get; }

    public IPEndPoint Address => AddressOf("smtp");

    public IPEndPoint AddressOf(string service) => IPEndPoint.Parse(Context.Health.Current.Listeners.Single(listener => listener.Protocol == service).Address);

    public static async Task<MailHost> StartAsync(string home, MailOptions options, TimeProvider? clock = null)
    {
        var time = clock ?? TimeProvider.System;
        var events = new Recorded();
        var bus = new NullBus(NullLogger<NullBus>.Instance);
        var paths = BelljarPaths.At(home);
        Directory.CreateDirectory(paths.Run);
        var context = new WorkerContext
        {
            Paths = paths,
            Settings = SettingsSet.Of((MailSettings.Section, options)),
            Clock = time,
            Events = events,
            Bus = bus,
            Health = new WorkerHealthReporter(MailWorker.Definition.Name, time, bus, events),
            Workers = new NoControl(),
            Loggers = NullLoggerFactory.Instance,
        };
        var host = MailWorker.Definition.BuildHost(context);
        await host.StartAsync();
        return new MailHost(host, context, events);
    }

    public Task StopAsync() => _host.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        await ((IAsyncDisposable)_host).DisposeAsync();
    }

    /// <summary>Keeps what was reported.</summary>
    public sealed class Recorded : IEventSink
    {
        private readonly ConcurrentQueue<BelljarEvent> _events = new();
        private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Waits until so many events of a kind were reported.</summary>
        public async Task WaitAsync(EventKind kind, int count)
        {
            for (var changed = Volatile.Read(ref _changed).Task; Of(kind).Count < count; changed = Volatile.Read(ref _changed).Task)
            {
                await changed.WaitAsync(TimeSpan.FromSeconds(60));
            }
        }

        public IReadOnlyList<BelljarEvent> Of(EventKind kind) => [.. _events.Where(e => e.Kind == kind.Name)];

        public ValueTask RecordAsync(BelljarEvent e, CancellationToken ct)
        {
            Post(e);
            return ValueTask.CompletedTask;
        }

        public void Post(BelljarEvent e)
        {
            _events.Enqueue(e);
            Interlocked.Exchange(ref _changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
        }
    }

    private sealed class NoControl : IWorkerControl
    {
        public IReadOnlyList<WorkerHealth> Snapshot() => [];

        public Task StartAsync(string worker, CancellationToken ct) => Task.CompletedTask;

        public Task StopAsync(string worker, CancellationToken ct) => Task.CompletedTask;

        public Task RestartAsync(string worker, CancellationToken ct) => Task.CompletedTask;
    }
}
