namespace Belljar.Mail.Authentication.Spf;

/// <summary>RFC 7208, 2.6.</summary>
public enum SpfVerdict
{
    None,
    Neutral,
    Pass,
    Fail,
    SoftFail,
    TempError,
    PermError,
}

/// <param name="Domain">That was checked: of MAIL FROM, or of HELO where the sender is null. As the peer gave it.</param>
/// <param name="IsHelo">HELO was checked (RFC 7208, 2.4: the sender is null).</param>
/// <param name="Reason">For people: the mechanism that matched, or what went wrong.</param>
/// <param name="Explanation">The domain's own words for a fail (RFC 7208, 6.2), visible ASCII; null where there are none.</param>
public sealed record SpfResult(SpfVerdict Verdict, string Domain, bool IsHelo, string Reason, string? Explanation = null);
