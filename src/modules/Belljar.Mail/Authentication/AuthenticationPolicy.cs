using Belljar.Mail.Authentication.Dmarc;

namespace Belljar.Mail.Authentication;

/// <summary>What is accepted as proof, and what a message may cost us. The defaults are what ships.</summary>
public sealed record AuthenticationPolicy
{
    /// <summary>Where an organisation's domain begins (RFC 7489, 3.2).</summary>
    public required PublicSuffixList PublicSuffixes { get; init; }

    /// <summary>Our own name, for the macro %{r} of SPF.</summary>
    public string ReceiverName { get; init; } = "unknown";

    /// <summary>Signatures that are verified, from the top of the message; more are reported and not looked at.</summary>
    public int DkimSignatures { get; init; } = 10;

    /// <summary>RFC 8301, 3.2.</summary>
    public int SmallestRsaKey { get; init; } = 1024;

    /// <summary>Above this a verification costs more than it should.</summary>
    public int LargestRsaKey { get; init; } = 8192;

    /// <summary>RFC 8301, 3.1: rsa-sha1 proves nothing. For tests with old messages alone.</summary>
    public bool AcceptSha1 { get; init; }

    /// <summary>A signature with <c>l=</c> says nothing of what was added behind it. For tests with old messages alone.</summary>
    public bool AcceptBodyLength { get; init; }

    /// <summary>Read signatures as the drafts before RFC 4871 (no <c>v=</c>) and RFC 4871 (<c>g=</c>) had it. For tests with old messages alone.</summary>
    public bool AcceptHistoricForms { get; init; }

    /// <summary>How far a signer's clock may be ahead of ours (t=).</summary>
    public TimeSpan ClockSkew { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>RFC 7208, 4.6.4.</summary>
    public int SpfLookups { get; init; } = 10;

    /// <summary>RFC 7208, 4.6.4.</summary>
    public int SpfVoidLookups { get; init; } = 2;

    /// <summary>For SPF, DKIM and DMARC together: the sender waits for his 250 meanwhile. Beyond it the result is a temporary error.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The same for what programs on this machine hand in: somebody sits before them and waits.</summary>
    public TimeSpan OwnMachineTimeout { get; init; } = TimeSpan.FromMilliseconds(700);
}
