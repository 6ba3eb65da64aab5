using Belljar.Decoys.Dialogues;
using Belljar.Decoys.Logins;
using Belljar.Decoys.Tls;
using Belljar.Manifest;

namespace Belljar.Decoys.Postgres;

/// <summary>The decoy service <c>postgres</c>.</summary>
internal static class PostgresService
{
    public static readonly DecoyService Definition = new(
        "postgres", "A PostgreSQL server with the host's databases, which may be read.", DecoyTransport.Tcp, [5432], Read);

    private static CreateDecoyServer Read(SettingsReader section)
    {
        var logins = LoginPolicy.Read(section);
        return (identity, clock) =>
        {
            var world = new PostgresWorld(identity, clock);
            return new DialogueServer(
                Debian12.Postgres, logins, clock, (_, door) => new PostgresDialogue(world, identity, door, hasTls: true), new DecoyCertificate(identity));
        };
    }
}
