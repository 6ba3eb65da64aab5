using System.Net;
using Belljar.Contracts;
using Belljar.Manifest;

namespace Belljar.Decoys.Fleet;

/// <summary>Reads the fleet: <c>decoys: [{name, address, driver, services: [http]}]</c>. Every mistake at once.</summary>
public static class FleetFile
{
    public const int MostDecoys = 1000;

    private static readonly SettingsType<string> DecoyName = Text.Matching(
        "a name of at most 63 characters from a-z, 0-9 and '-' that begins with a letter",
        text => text.Length is > 0 and <= 63 && char.IsAsciiLetterLower(text[0])
            && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'));

    private static readonly SettingsType<string> HostnameText = Text.Matching(
        "a host name such as web01.corp.example",
        text => text.Length <= 253 && Uri.CheckHostName(text) is UriHostNameType.Dns);

    /// <summary>A file that does not exist is a fleet without decoys.</summary>
    /// <returns>Null when there is a mistake.</returns>
    public static IReadOnlyList<DecoySpec>? Load(string path, SettingsErrors errors)
    {
        if (!File.Exists(path))
        {
            return [];
        }

        return Yaml.Load(path, errors) is { } root ? Read(root, errors) : null;
    }

    /// <inheritdoc cref="Load"/>
    public static IReadOnlyList<DecoySpec>? Read(SettingsNode root, SettingsErrors errors)
    {
        var file = new SettingsReader(ServiceShorthand.Expand(root), "", errors);
        var taken = new Taken();
        var decoys = file.Sections("decoys", atMost: MostDecoys).Select(section => ReadDecoy(section, taken)).ToList();
        file.End();
        return errors.Any ? null : decoys;
    }

    private static DecoySpec ReadDecoy(SettingsReader section, Taken taken)
    {
        var name = section.Required("name", DecoyName);
        if (!taken.Names.Add(name) && name.Length > 0)
        {
            section.Mistake("name", "a name that no other decoy has");
        }

        var hostname = section.Optional("hostname", name, HostnameText);
        var seed = section.Optional("seed", name, Text.OneLine);
        var driver = section.Optional("driver", PresenceDriver.Loopback, Word.In(PresenceDriver.All));
        var addresses = ReadAddresses(section, driver);
        _ = section.Optional("distro", DecoyDistro.Debian, Word.In(DecoyDistro.All));
        var services = ReadServices(section);
        foreach (var endpoint in from address in addresses from service in services where service.Port > 0 select new IPEndPoint(address, service.Port))
        {
            if (!taken.Endpoints.Add(endpoint))
            {
                section.Mistake(section.Has("addresses") ? "addresses" : "address", $"an address on which {endpoint} is still free");
            }
        }

        return new DecoySpec(name, new DecoyIdentity(name, hostname, seed), driver, addresses, services);
    }

    private static IReadOnlyList<IPAddress> ReadAddresses(SettingsReader section, PresenceDriver driver)
    {
        var address = new SettingsType<IPAddress>(
            $"an address of {driver.Network} (driver {driver.Name})",
            standIn: driver.Network.BaseAddress,
            (string text, out IPAddress value) => Address.Ip.TryParse(text, out value) && driver.Network.Contains(value));
        if (section.Has("addresses"))
        {
            section.Refuse("address", "write either address or addresses");
            return section.List("addresses", address, atLeast: 1, atMost: 64);
        }

        return [section.Required("address", address)];
    }

    private static IReadOnlyList<ServiceSpec> ReadServices(SettingsReader section)
    {
        if (!section.Has("archetype"))
        {
            return [.. section.Sections("services", atLeast: 1, atMost: 64).Select(ReadService)];
        }

        section.Refuse("services", "write either archetype or services");
        return [.. section.Required("archetype", Word.In(DecoyArchetype.Usable)).Spoken.Select(WithDefaults)];
    }

    private static ServiceSpec WithDefaults(DecoyService service)
    {
        var nothing = new SettingsReader(SettingsMapping.Empty(default), service.Name, new SettingsErrors());
        return new ServiceSpec(service, service.Ports[0], service.Read(nothing));
    }

    private static ServiceSpec ReadService(SettingsReader section)
    {
        var service = section.Required("id", Word.In(BuiltInDecoyServices.All));
        var port = section.Optional("port", service.Ports[0], Number.Between(0, 65535));
        return new ServiceSpec(service, port, service.Read(section));
    }

    private sealed record Taken
    {
        public HashSet<string> Names { get; } = [];

        public HashSet<IPEndPoint> Endpoints { get; } = [];
    }
}
