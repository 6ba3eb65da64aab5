using Belljar.Decoys.Dialogues;
using Belljar.Decoys.Logins;
using Belljar.Manifest;

namespace Belljar.Decoys.Redis;

/// <summary>The decoy service <c>redis</c>.</summary>
internal static class RedisService
{
    public static readonly DecoyService Definition = new(
        "redis", "A key-value store that somebody left open (or, with protected: true, behind a password).", DecoyTransport.Tcp, [6379], Read);

    private static CreateDecoyServer Read(SettingsReader section)
    {
        var isProtected = section.Optional("protected", false, Flag.TrueOrFalse);
        var logins = LoginPolicy.Read(section);
        return (identity, clock) =>
        {
            var instance = new RedisInstance(identity, clock, isProtected);
            return new DialogueServer(Debian12.Redis, logins, clock, (visit, door) => new RedisDialogue(instance, door, visit.Local.Port));
        };
    }
}
