using Belljar.Bus;
using Belljar.Bus.UnixSocket;
using Belljar.Hosting.Settings;
using Belljar.Hosting.Workers;
using Belljar.Manifest;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Belljar.Workers;

/// <param name="Enabled">False: publishers carry on and nobody is woken; readers fall back to looking now and then.</param>
/// <param name="QueueLength">Messages that wait for one slow subscriber before the oldest is dropped.</param>
internal sealed record BusSettings(bool Enabled, int QueueLength)
{
    public static readonly SettingsSection<BusSettings> Section = new("bus", "The doorbell between workers (bus.sock)", Read);

    private static BusSettings Read(SettingsReader reader) => new(
        reader.Optional("enabled", true, Flag.TrueOrFalse),
        reader.Optional("queue", 4096, Number.Between(16, 1 << 20)));
}

/// <summary>Opens this process's broker to other processes, on <c>bus.sock</c>.</summary>
internal static class BusWorker
{
    public static readonly WorkerDefinition Definition = new("bus", "Broker of the bus, on bus.sock", WorkerNeeds.None, Build)
    {
        Sections = [BusSettings.Section.Name],
    };

    private static IHost Build(WorkerContext context)
    {
        var builder = WorkerHost.Create(context);
        builder.Services.AddHostedService<Serving>();
        return builder.Build();
    }

    private sealed class Serving(WorkerContext context, ILogger<BusSocketServer> logger) : IHostedService, IAsyncDisposable
    {
        private BusSocketServer? _server;

        public Task StartAsync(CancellationToken cancellationToken)
        {
            if (context.Broker is not { } broker || !context.Settings.Get(BusSettings.Section).Enabled)
            {
                context.Health.Degraded("the bus is switched off (bus.enabled: false); the console and 'events -f' look every two seconds instead.");
                return Task.CompletedTask;
            }

            _server = new BusSocketServer(broker, new BusSocketOptions(context.Paths.BusSocket), context.Clock, logger);
            _server.Start();
            context.Health.Listening("bus", context.Paths.BusSocket);
            context.Health.Count("published", () => broker.Statistics.Published);
            context.Health.Count("delivered", () => broker.Statistics.Delivered);
            context.Health.Count("dropped", () => broker.Statistics.Dropped);
            context.Health.Count("connections", () => broker.Statistics.Connections);
            return Task.CompletedTask;
        }

        public async Task StopAsync(CancellationToken cancellationToken) => await DisposeAsync();

        public async ValueTask DisposeAsync()
        {
            if (_server is not null)
            {
                await _server.DisposeAsync();
            }
        }
    }
}
