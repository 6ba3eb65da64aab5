using Belljar.Decoys.Dialogues;
using Belljar.Decoys.Logins;
using Belljar.Manifest;

namespace Belljar.Decoys.Telnet;

/// <summary>The decoy service <c>telnet</c>. It has no policy for logins: there is no shell behind it yet.</summary>
internal static class TelnetService
{
    public static readonly DecoyService Definition = new(
        "telnet", "A console that asks for a name and a password.", DecoyTransport.Tcp, [23, 2323], Read);

    private static CreateDecoyServer Read(SettingsReader section) =>
        (identity, clock) => new DialogueServer(Debian12.Telnetd, LoginPolicy.Never, clock, (_, _) => new TelnetDialogue(identity));
}
