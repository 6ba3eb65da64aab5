using Belljar.Decoys.Dialogues;
using Belljar.Decoys.Logins;
using Belljar.Manifest;

namespace Belljar.Decoys.Mysql;

/// <summary>The decoy service <c>mysql</c>.</summary>
internal static class MysqlService
{
    public static readonly DecoyService Definition = new(
        "mysql", "A MariaDB server with the host's databases, which may be read.", DecoyTransport.Tcp, [3306], Read);

    private static CreateDecoyServer Read(SettingsReader section)
    {
        var logins = LoginPolicy.Read(section);
        return (identity, clock) =>
        {
            var world = new MysqlWorld(identity, clock);
            return new DialogueServer(Debian12.MariaDb, logins, clock, (visit, door) => new MysqlDialogue(world, door, visit.Remote.Address, world.NextThread()));
        };
    }
}
