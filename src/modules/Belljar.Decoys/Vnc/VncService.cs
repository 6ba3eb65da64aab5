using Belljar.Decoys.Dialogues;
using Belljar.Decoys.Logins;
using Belljar.Manifest;

namespace Belljar.Decoys.Vnc;

/// <summary>The decoy service <c>vnc</c>. It has no policy for logins: there is no screen behind it.</summary>
internal static class VncService
{
    public static readonly DecoyService Definition = new(
        "vnc", "A desktop behind a password.", DecoyTransport.Tcp, [5900, 5901], Read);

    private static CreateDecoyServer Read(SettingsReader section) =>
        (_, clock) => new DialogueServer(Debian12.Vnc, LoginPolicy.Never, clock, (_, _) => new VncDialogue());
}
