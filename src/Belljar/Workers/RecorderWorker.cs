using System.Net;
using Belljar.Bus;
using Belljar.Contracts;
using Belljar.Contracts.Events;
using Belljar.Hosting;
using Belljar.Hosting.Settings;
using Belljar.Hosting.Workers;
using Belljar.Manifest;
using Belljar.Store;
using Belljar.Store.Events;
using Belljar.Store.Ingest;
using Belljar.Store.Retention;
using Belljar.Store.Spool;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Belljar.Workers;

/// <param name="MaxAge">Events older than this are removed; null keeps them.</param>
/// <param name="MaxBytes">Room for each kind of event; the oldest go first. Null is no bound.</param>
internal sealed record StoreSettings(TimeSpan? MaxAge, long? MaxBytes)
{
    public static readonly SettingsSection<StoreSettings> Section = new("store", "The record of events", Read);

    private static StoreSettings Read(SettingsReader reader)
    {
        reader.Optional("provider", "sqlite", Word.Of(("sqlite", "sqlite")));
        var retention = reader.Section("retention");
        return new StoreSettings(
            retention.OptionalValue("age", Duration.Between(TimeSpan.FromHours(1), TimeSpan.FromDays(3650))),
            retention.OptionalValue("size", ByteSize.Between(1L << 20, 1L << 50)));
    }
}

/// <summary>The one writer of events: takes them in on <c>ingest.sock</c>, commits, acknowledges, and rings the bus.</summary>
internal static partial class RecorderWorker
{
    public static readonly WorkerDefinition Definition = new("recorder", "Writes the event log and the audit chain", WorkerNeeds.None, Build)
    {
        Sections = [StoreSettings.Section.Name],
    };

    private static IHost Build(WorkerContext context)
    {
        var builder = WorkerHost.Create(context);
        builder.Services.AddHostedService<Recording>();
        return builder.Build();
    }

    private sealed partial class Recording(WorkerContext context, ILogger<Recording> logger) : BackgroundService
    {
        private static readonly TimeSpan HealthPeriod = TimeSpan.FromSeconds(2);
        private static readonly TimeSpan HousekeepingPeriod = TimeSpan.FromHours(1);

        private EventLog? _log;
        private IngestServer? _server;

        public override Task StartAsync(CancellationToken cancellationToken)
        {
            try
            {
                _log = EventLog.Open(context.Paths.EventsDatabase, context.Clock);
                _server = new IngestServer(
                    _log,
                    new IngestOptions { SocketPath = context.Paths.IngestSocket, Host = Dns.GetHostName(), SocketGroup = context.IngestGroup },
                    Ring,
                    context.Loggers.CreateLogger<IngestServer>());
                _server.Start();
            }
            catch (StoreException unusable)
            {
                throw new OperatorException(unusable.Message);
            }

            var server = _server;
            context.Health.Listening("ingest", context.Paths.IngestSocket);
            context.Health.Count("stored", () => server.Stored);
            context.Health.Count("connections", () => server.Connections);
            return base.StartAsync(cancellationToken);
        }

        public override async Task StopAsync(CancellationToken cancellationToken)
        {
            await base.StopAsync(cancellationToken);
            if (_server is not null)
            {
                await _server.DisposeAsync();
            }

            WriteHeadDown();
            _log?.Dispose();
        }

        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            var spools = new SpoolRecovery(context.Paths.Spool, _server!, context.Clock, context.Loggers.CreateLogger<SpoolRecovery>());
            using var health = new PeriodicTimer(HealthPeriod, context.Clock);
            var housekeeping = context.Clock.GetTimestamp();
            WriteHeadDown();
            do
            {
                // What producers of other users left behind: a gate that was killed, a session of root.
                await spools.RunOnceAsync(stoppingToken);
                if (_server!.Failure is { } failure)
                {
                    context.Health.Degraded(failure);
                }
                else
                {
                    context.Health.Recovered();
                }

                if (context.Clock.GetElapsedTime(housekeeping) >= HousekeepingPeriod)
                {
                    housekeeping = context.Clock.GetTimestamp();
                    ApplyRetention(stoppingToken);
                    WriteHeadDown();
                }
            }
            while (await health.WaitForNextTickAsync(stoppingToken));
        }

        private void ApplyRetention(CancellationToken ct)
        {
            var settings = context.Settings.Get(StoreSettings.Section);
            if (settings is { MaxAge: null, MaxBytes: null })
            {
                return;
            }

            var result = EventRetention.Apply(_log!, [new RetentionRule(">", settings.MaxAge, settings.MaxBytes)], context.Clock, ct);
            var (removed, checkpoint) = (result.Removed.Values.Sum(), result.Checkpoint?.ToString() ?? "none");
            LogRetention(removed, checkpoint);
        }

        /// <summary>The head stands in the log and the journal too, so that rewriting the file shows.</summary>
        private void WriteHeadDown()
        {
            if (_log is null)
            {
                return;
            }

            var head = _log.Head.ToString();
            LogHead(head);
            Journal.Write($"belljar audit head {head}");
        }

        private void Ring(IReadOnlyList<StoredEvent> committed)
        {
            foreach (var stored in committed)
            {
                if (EventKinds.All.Find(stored.Event.Kind) is { } kind)
                {
                    var topic = kind.TopicOf(stored.Event);
                    context.Bus.Publish(topic, BusEnvelope.Write(
                        stored.Event.Id, topic, stored.Event.Time, Definition.Name, stored.Event, ContractsJson.Default.BelljarEvent));
                }
            }
        }

        [LoggerMessage(Level = LogLevel.Information, Message = "audit head {Head}")]
        private partial void LogHead(string head);

        [LoggerMessage(Level = LogLevel.Information, Message = "retention removed {Count} events; audit checkpoint {Checkpoint}")]
        private partial void LogRetention(long count, string checkpoint);
    }
}
