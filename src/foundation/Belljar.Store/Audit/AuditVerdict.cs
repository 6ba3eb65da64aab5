namespace Belljar.Store.Audit;

/// <summary>What a walk along the chain found first.</summary>
public enum AuditBreak
{
    /// <summary>Nothing: every link follows from the one before.</summary>
    None,

    /// <summary>The event, or its link, is not what was recorded.</summary>
    Changed,

    /// <summary>A link stands there, its event is gone.</summary>
    EventMissing,

    /// <summary>An event that must be linked is not: its link was removed, or it was put in by somebody else.</summary>
    LinkMissing,

    /// <summary>Links between two others are gone.</summary>
    LinksRemoved,

    /// <summary>Links do not follow the order of arrival.</summary>
    Reordered,

    /// <summary>The chain ends before the head that was written down.</summary>
    Truncated,

    /// <summary>The chain reaches the head that was written down with another hash: it was written anew.</summary>
    Rewritten,

    /// <summary>The head lies before the oldest checkpoint of retention, so that nothing can be said about it.</summary>
    HeadTooOld,
}

/// <summary>The outcome of <see cref="AuditChain.Verify"/>.</summary>
/// <param name="Break">What is broken first.</param>
/// <param name="Links">Links that hold, counted from the last checkpoint.</param>
/// <param name="Position">The broken link, counted from 1 since the log began; 0 when none is, or the event has no link.</param>
/// <param name="Seq">The event concerned; 0 when none is.</param>
/// <param name="Meaning">One sentence for the operator.</param>
/// <param name="Head">The end of the chain, as it stands in the file.</param>
public sealed record AuditVerdict(AuditBreak Break, long Links, long Position, long Seq, string Meaning, AuditHead Head)
{
    public bool IsIntact => Break is AuditBreak.None;
}
