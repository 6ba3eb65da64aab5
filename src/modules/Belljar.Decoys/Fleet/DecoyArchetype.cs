using Belljar.Contracts;

namespace Belljar.Decoys.Fleet;

/// <summary>A usual kind of host.</summary>
/// <param name="Services">What such a host speaks; not all of it can be spoken yet.</param>
public sealed record DecoyArchetype(string Name, string Summary, params IReadOnlyList<string> Services) : INamed
{
    public static readonly Registry<DecoyArchetype> All = new(
        "archetype",
        new("deaddeck", "A host on which nothing but a door for its administrator is left.", "ssh"),
        new("windows-workstation", "A desk.", "smb", "rdp"),
        new("windows-server", "A server of a Windows network.", "smb", "rdp", "ldap"),
        new("domain-controller", "The server that knows everybody.", "ldap", "smb", "rdp", "llmnr", "dns"),
        new("linux-server", "A server for this and that.", "ssh", "http"),
        new("web-server", "A web server whose pages arrive by FTP.", "http", "https", "ftp"),
        new("database-server", "Several databases on one machine.", "mysql", "postgres", "redis"),
        new("mail-server", "A host that takes mail and keeps it.", "smtp", "imap", "pop3"),
        new("file-server", "A host with shares.", "smb", "ftp", "ssh"),
        new("printer", "A printer in a corridor.", "snmp", "ftp", "http", "ipp"),
        new("iot-device", "A small device that nobody updates.", "mqtt", "snmp", "telnet"),
        new("industrial-control", "A controller of a plant.", "modbus", "s7", "snmp", "http"),
        new("voip-server", "A telephone exchange.", "sip"),
        new("monitoring-node", "A host that watches others.", "snmp", "ssh", "http"),
        new("devops-host", "A host that builds and deploys.", "docker_api", "ssh", "k8s"));

    /// <summary>Those of its services that decoys can speak.</summary>
    public IReadOnlyList<DecoyService> Spoken => [.. BuiltInDecoyServices.All.Where(service => Services.Contains(service.Name))];

    internal static Registry<DecoyArchetype> Usable { get; } = new("archetype", [.. All.Where(archetype => archetype.Spoken.Count > 0)]);
}
