using System.CommandLine;
using System.Text.Json.Serialization;
using Belljar.Contracts;
using Belljar.Decoys;
using Belljar.Decoys.Fleet;
using Belljar.Hosting;
using Belljar.Hosting.Settings;
using Belljar.Terminals;

namespace Belljar.Commands;

internal static class DecoysCommand
{
    public static Command Create() => CommandTree.Create(
        "decoys", "Hosts that nobody should visit: the fleet and how it stands, and what a fleet file can name.", "belljar decoys list",
        List(), Services(), Archetypes(), Distros());

    private static Command List()
    {
        var json = CommandTree.Json();
        var command = CommandTree.Create("list", "List the fleet with its state, addresses and services.", "belljar decoys list --json", json);
        command.SetAction(parsed =>
        {
            var decoys = Fleet();
            if (parsed.GetValue(json))
            {
                Terminal.Out.WriteLine(JsonText.Of(decoys, DecoysJson.Default.IReadOnlyListDecoyStatus));
                return;
            }

            var table = new Table("DECOY", "STATE", "ADDRESS", "SERVICE", "CLAIMS TO BE");
            foreach (var decoy in decoys)
            {
                foreach (var service in decoy.Services)
                {
                    table.Add(decoy.Name, decoy.State, service.Address, service.Id, $"{service.Product} {service.Version}");
                }
            }

            table.Write(Terminal.Out);
        });
        return command;
    }

    private static Command Services()
    {
        var json = CommandTree.Json();
        var command = CommandTree.Create("services", "List what decoys can speak.", "belljar decoys services", json);
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(json))
            {
                var rows = BuiltInDecoyServices.All.Select(service => new ServiceRow(service.Name, Word(service.Transport), [.. service.Ports], service.Summary));
                Terminal.Out.WriteLine(JsonText.Of([.. rows], DecoysCommandJson.Default.ServiceRowArray));
                return;
            }

            var table = new Table("SERVICE", "PORTS", "WHAT A VISITOR MEETS");
            foreach (var service in BuiltInDecoyServices.All)
            {
                table.Add(service.Name, string.Join(' ', service.Ports.Select(port => $"{Word(service.Transport)}/{port}")), service.Summary);
            }

            table.Write(Terminal.Out);
        });
        return command;
    }

    private static Command Archetypes()
    {
        var json = CommandTree.Json();
        var command = CommandTree.Create("archetypes", "List the usual kinds of hosts, with their services.", "belljar decoys archetypes", json);
        command.SetAction(parsed =>
        {
            var rows = DecoyArchetype.All.Select(archetype =>
            {
                var spoken = archetype.Spoken.Select(service => service.Name).ToArray();
                return new ArchetypeRow(archetype.Name, spoken, [.. archetype.Services.Except(spoken)], archetype.Summary);
            });
            if (parsed.GetValue(json))
            {
                Terminal.Out.WriteLine(JsonText.Of([.. rows], DecoysCommandJson.Default.ArchetypeRowArray));
                return;
            }

            var table = new Table("ARCHETYPE", "SERVICES", "NOT SPOKEN YET", "WHAT IT IS");
            foreach (var row in rows)
            {
                table.Add(row.Name, string.Join(' ', row.Services), string.Join(' ', row.NotYet), row.Summary);
            }

            table.Write(Terminal.Out);
        });
        return command;
    }

    private static Command Distros()
    {
        var json = CommandTree.Json();
        var command = CommandTree.Create("distros", "List the systems that decoys can seem to run.", "belljar decoys distros", json);
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(json))
            {
                var rows = DecoyDistro.All.Select(distro => new DistroRow(distro.Name, distro.Greeting, distro.Summary));
                Terminal.Out.WriteLine(JsonText.Of([.. rows], DecoysCommandJson.Default.DistroRowArray));
                return;
            }

            var table = new Table("DISTRO", "GREETING", "WHAT IT IS");
            foreach (var distro in DecoyDistro.All)
            {
                table.Add(distro.Name, distro.Greeting, distro.Summary);
            }

            table.Write(Terminal.Out);
        });
        return command;
    }

    private static IReadOnlyList<DecoyStatus> Fleet()
    {
        var paths = CommandTree.Paths();
        var settings = new SettingsLoader(SettingsCatalog.All).LoadOrExplain(paths.ConfigurationFile, ProcessEnvironment.All(), []).Get(DecoysSettings.Section);
        return DecoyList.Read(paths, settings, TimeProvider.System);
    }

    private static string Word(DecoyTransport transport) => transport.ToString().ToLowerInvariant();
}

internal sealed record ServiceRow(string Id, string Transport, int[] Ports, string Summary);

/// <param name="NotYet">What such a host would speak too.</param>
internal sealed record ArchetypeRow(string Name, string[] Services, string[] NotYet, string Summary);

internal sealed record DistroRow(string Name, string Greeting, string Summary);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ServiceRow[]))]
[JsonSerializable(typeof(ArchetypeRow[]))]
[JsonSerializable(typeof(DistroRow[]))]
internal sealed partial class DecoysCommandJson : JsonSerializerContext;
