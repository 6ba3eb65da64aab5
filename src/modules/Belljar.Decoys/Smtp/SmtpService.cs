using Belljar.Decoys.Dialogues;
using Belljar.Decoys.Logins;
using Belljar.Decoys.Tls;
using Belljar.Decoys.World;
using Belljar.Manifest;

namespace Belljar.Decoys.Smtp;

/// <summary>The decoy service <c>smtp</c>.</summary>
internal static class SmtpService
{
    public static readonly DecoyService Definition = new(
        "smtp", "A mail server that takes mail for the host's people, and relays none.", DecoyTransport.Tcp, [25, 2525], Read);

    private static CreateDecoyServer Read(SettingsReader section)
    {
        var logins = LoginPolicy.Read(section);
        var asksForLogins = section.Optional("auth", true, Flag.TrueOrFalse);
        return (identity, clock) =>
        {
            HashSet<string> people = ["root", "postmaster", "abuse", .. DecoyPerson.Of(identity).Select(person => person.Login)];
            return new DialogueServer(
                Debian12.Postfix, logins, clock, (_, door) => new SmtpDialogue(identity.Hostname, people, asksForLogins ? door : null), new DecoyCertificate(identity));
        };
    }
}
