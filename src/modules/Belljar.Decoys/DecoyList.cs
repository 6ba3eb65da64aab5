using Belljar.Decoys.Fleet;
using Belljar.Decoys.Presence;
using Belljar.Hosting;
using Belljar.Hosting.Settings;
using Belljar.Manifest;

namespace Belljar.Decoys;

/// <summary>The fleet with its state, for <c>belljar decoys list</c>, in any process.</summary>
public static class DecoyList
{
    /// <summary>What the fleet file names, in its order; a decoy that no running worker serves is <c>stopped</c>.</summary>
    /// <exception cref="OperatorException">The fleet file has mistakes; the message lists them all.</exception>
    public static IReadOnlyList<DecoyStatus> Read(BelljarPaths paths, DecoysSettings settings, TimeProvider clock)
    {
        var running = new DecoyListFile(paths).Read().ToDictionary(decoy => decoy.Name);
        return [.. LoadFleet(paths, settings).Select(spec => running.GetValueOrDefault(spec.Name) ?? Stopped(spec, clock))];
    }

    internal static IReadOnlyList<DecoySpec> LoadFleet(BelljarPaths paths, DecoysSettings settings)
    {
        var errors = new SettingsErrors();
        return FleetFile.Load(settings.FleetFile(paths), errors) ?? throw new OperatorException(SettingsLoader.Explain(errors));
    }

    private static DecoyStatus Stopped(DecoySpec spec, TimeProvider clock)
    {
        var decoy = new DeployedDecoy(spec, clock);
        return new DecoyStatus(decoy.Name, "stopped", null, decoy.Addresses, [.. decoy.Services.Select(service => new DecoyServiceStatus(
            service.Id,
            service.Transport.ToString().ToLowerInvariant(),
            service.Wanted.ToString(),
            service.Server.Product,
            service.Server.Version))]);
    }
}
