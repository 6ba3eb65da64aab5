using Belljar.Decoys.Presence;
using Belljar.Hosting.Workers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Belljar.Decoys;

/// <summary>The worker <c>decoys</c>: every decoy of this machine, in one process.</summary>
public static class DecoysWorker
{
    public static readonly WorkerDefinition Definition = new(
        "decoys", "Hosts that exist to be attacked, and the record of who touched them.", WorkerNeeds.None, BuildHost)
    {
        Sections = [DecoysSettings.Section.Name],
    };

    private static IHost BuildHost(WorkerContext context)
    {
        var settings = context.Settings.Get(DecoysSettings.Section);
        var fleet = DecoyList.LoadFleet(context.Paths, settings);
        var builder = WorkerHost.Create(context);
        builder.Services.AddHostedService(services =>
            new FleetPresence(fleet, settings, context, services.GetRequiredService<ILogger<FleetPresence>>()));
        return builder.Build();
    }
}
