namespace Belljar.Mail.Authentication.Dmarc;

/// <summary>RFC 7489, 11.2.</summary>
public enum DmarcVerdict
{
    /// <summary>The From domain has no policy: nothing is proven and nothing is asked for.</summary>
    None,
    Pass,
    Fail,
    TempError,
    PermError,
}

/// <param name="Domain">Of the From field, A-labels and lower case; empty where there is no single one.</param>
/// <param name="Policy">What the domain asks for; null where it has no record.</param>
/// <param name="Percent">Of the messages for which it asks that.</param>
public sealed record DmarcResult(DmarcVerdict Verdict, string Reason, string Domain = "", DmarcPolicy? Policy = null, int Percent = 100);
