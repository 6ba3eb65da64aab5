namespace Belljar.Mail.Authentication.Dkim;

/// <summary>RFC 8601, 2.7.1.</summary>
public enum DkimVerdict
{
    /// <summary>The message has no signature.</summary>
    None,
    Pass,

    /// <summary>The signature does not fit the message or the key.</summary>
    Fail,

    /// <summary>It may fit, but is of a kind that we do not accept as proof: rsa-sha1, a short key, <c>l=</c>, out of date.</summary>
    Policy,

    /// <summary>The signature cannot be understood.</summary>
    Neutral,

    /// <summary>The key could not be fetched now.</summary>
    TempError,

    /// <summary>There is no usable key.</summary>
    PermError,
}

/// <summary>What one signature is worth.</summary>
/// <param name="Domain">d=, in A-labels and lower case; empty where the signature cannot be understood.</param>
/// <param name="Selector">s=.</param>
/// <param name="Identity">i=, or <c>@</c> and the domain.</param>
/// <param name="Algorithm">a=.</param>
/// <param name="Signature">b=, its first eight characters: which signature is meant (RFC 6008).</param>
/// <param name="IsTesting">The key says t=y: verified or not, the message is treated as unsigned (RFC 6376, 3.6.1).</param>
public sealed record DkimResult(
    DkimVerdict Verdict, string Reason, string Domain = "", string Selector = "", string Identity = "", string Algorithm = "", string Signature = "",
    bool IsTesting = false)
{
    /// <summary>Whether it proves that the domain vouches for the message.</summary>
    public bool IsProof => Verdict == DkimVerdict.Pass && !IsTesting;
}
