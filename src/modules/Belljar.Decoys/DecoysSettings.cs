using Belljar.Hosting;
using Belljar.Hosting.Settings;
using Belljar.Manifest;

namespace Belljar.Decoys;

/// <summary>The section <c>decoys</c>.</summary>
/// <param name="Fleet">The fleet file; relative to the home.</param>
/// <param name="Connections">How many visitors may be connected at once, to all decoys.</param>
/// <param name="ConnectionsPerSource">How many of them from one address.</param>
public sealed record DecoysSettings(string Fleet, int Connections, int ConnectionsPerSource)
{
    public static readonly SettingsSection<DecoysSettings> Section = new("decoys", "Hosts that exist to be attacked.", Read);

    public string FleetFile(BelljarPaths paths) => Path.GetFullPath(Fleet, paths.Home);

    private static DecoysSettings Read(SettingsReader section) => new(
        section.Optional("fleet", "decoys.yaml", Text.OneLine),
        section.Optional("connections", 4096, Number.Between(1, 16384)),
        section.Optional("connections_per_source", 128, Number.Between(1, 16384)));
}
