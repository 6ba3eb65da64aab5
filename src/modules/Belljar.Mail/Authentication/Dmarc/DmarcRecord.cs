using System.Globalization;

namespace Belljar.Mail.Authentication.Dmarc;

/// <summary>What the domain asks for when nothing is aligned (RFC 7489, 6.3).</summary>
public enum DmarcPolicy
{
    None,
    Quarantine,
    Reject,
}

/// <summary>A policy record (RFC 7489, 6.3).</summary>
/// <param name="SubdomainPolicy">sp=, or p=.</param>
/// <param name="Percent">pct=: of the messages to which the policy should apply.</param>
internal sealed record DmarcRecord(DmarcPolicy Policy, DmarcPolicy SubdomainPolicy, bool StrictDkim, bool StrictSpf, int Percent)
{
    public static bool IsVersion1(ReadOnlySpan<byte> text) => TagList.TryParse(text, out var tags) && tags.BeginsWith("v") && tags["v"] == "DMARC1";

    /// <returns>Null where there is no policy in it.</returns>
    public static DmarcRecord? TryRead(ReadOnlySpan<byte> text)
    {
        if (!IsVersion1(text) || !TagList.TryParse(text, out var tags))
        {
            return null;
        }

        var policy = Policies(tags["p"]);
        var subdomains = tags["sp"] is { } word ? Policies(word) : policy;
        if (policy is null || subdomains is null)
        {
            // 6.6.3: without a valid policy but with somewhere to report to, the policy is none.
            return tags["rua"] is { Length: > 0 } ? new DmarcRecord(DmarcPolicy.None, DmarcPolicy.None, IsStrict(tags["adkim"]), IsStrict(tags["aspf"]), 100) : null;
        }

        return new DmarcRecord(policy.Value, subdomains.Value, IsStrict(tags["adkim"]), IsStrict(tags["aspf"]), Percentage(tags["pct"]));
    }

    private static DmarcPolicy? Policies(string? word) => word?.ToLowerInvariant() switch
    {
        "none" => DmarcPolicy.None,
        "quarantine" => DmarcPolicy.Quarantine,
        "reject" => DmarcPolicy.Reject,
        _ => null,
    };

    private static bool IsStrict(string? mode) => mode is "s" or "S";

    private static int Percentage(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var percent) && percent <= 100 ? percent : 100;
}
