using Belljar.Decoys.Dialogues;
using Belljar.Decoys.Logins;
using Belljar.Manifest;

namespace Belljar.Decoys.Ftp;

/// <summary>The decoy service <c>ftp</c>.</summary>
internal static class FtpService
{
    public static readonly DecoyService Definition = new(
        "ftp", "An FTP server for the host's users, whose files can be read.", DecoyTransport.Tcp, [21, 2121], Read);

    private static CreateDecoyServer Read(SettingsReader section)
    {
        var logins = LoginPolicy.Read(section);
        return (identity, clock) => new DialogueServer(
            Debian12.Vsftpd, logins, clock, (visit, door) => new FtpDialogue(identity, door, visit.Local.Address, visit.Remote.Address, clock));
    }
}
