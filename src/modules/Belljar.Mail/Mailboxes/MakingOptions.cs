namespace Belljar.Mail.Mailboxes;

/// <summary>Mailboxes that users of this machine make for themselves. Nothing of it bounds the operator.</summary>
public sealed record MakingOptions
{
    /// <summary>False: the operator alone makes mailboxes.</summary>
    public bool IsForEverybody { get; init; } = true;

    /// <summary>Of one user.</summary>
    public int MostOfOneUser { get; init; } = 100;

    /// <summary>Bytes that each of them may hold.</summary>
    public long QuotaBytes { get; init; } = 1L << 30;
}
