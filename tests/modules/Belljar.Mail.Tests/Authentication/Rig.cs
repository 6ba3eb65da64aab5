using System.Net;
using System.Text;
using Belljar.Mail.Authentication;
using Belljar.Mail.Authentication.Dmarc;
using Belljar.Testing;

namespace Belljar.Mail.Tests.Authentication;

/// <summary>A zone, a signer, a clock and the authenticator under the shipped policy.</summary>
internal sealed class Rig
{
    /// <summary>A key takes half a second to make; which one it is does not matter.</summary>
    private static readonly TestSigner SharedSigner = new(2048);

    public const string Letter = "From: Ann <ann@a.example>\r\nTo: bob@b.example\r\nSubject:  Hello\t there\r\n\r\nA  line \r\n\r\nand another\r\n\r\n\r\n";

    public Rig(TestSigner? signer = null, DateTimeOffset? now = null)
    {
        Clock = now is { } time ? new ManualClock(time) : new ManualClock();
        Signer = signer ?? SharedSigner;
        Zone.Add("s._domainkey.a.example", "TXT", Chunks(Signer.KeyRecord));
        Zone.Add("s._domainkey.evil.example", "TXT", Chunks(Signer.KeyRecord));
        Zone.Add("_dmarc.a.example", "TXT", "v=DMARC1; p=reject; sp=quarantine; pct=50");
        Zone.Add("_dmarc.evil.example", "TXT", "v=DMARC1; p=none");
        Zone.Add("a.example", "TXT", "v=spf1 ip4:192.0.2.1 -all");
        Zone.Add("evil.example", "TXT", "v=spf1 +all");
    }

    public ZoneResolver Zone { get; } = new();

    public TestSigner Signer { get; }

    public ManualClock Clock { get; }

    public AuthenticationPolicy Policy { get; set; } = new() { PublicSuffixes = PublicSuffixList.BuiltIn };

    /// <summary>From an address for which nobody vouches, unless told otherwise.</summary>
    public Task<AuthenticationResults> VerifyAsync(string message, string client = "203.0.113.9", string mailFrom = "bounce@c.example", string helo = "mx.c.example") =>
        new MailAuthenticator(Zone, Policy, Clock).VerifyAsync(
            Encoding.Latin1.GetBytes(message), new SmtpEnvelopeFacts(IPAddress.Parse(client), helo, mailFrom), CancellationToken.None);

    public static string[] Chunks(string text) => [.. text.Chunk(255).Select(part => new string(part))];
}
