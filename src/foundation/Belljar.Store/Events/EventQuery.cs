using Belljar.Contracts.Events;

namespace Belljar.Store.Events;

/// <summary>Which events, and in which order. What is null does not narrow.</summary>
public sealed record EventQuery
{
    public const int LargestPage = 10_000;

    /// <summary>A topic pattern over kinds: <c>gate.egress.decision</c>, <c>gate.&gt;</c>, <c>*.connection</c>.</summary>
    public string? KindPattern { get; init; }

    public string? Session { get; init; }

    public string? Attacker { get; init; }

    public string? Decoy { get; init; }

    public string? Mailbox { get; init; }

    public Severity MinimumSeverity { get; init; }

    /// <summary>Happened at or after.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Happened before.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Arrived after the event with this number.</summary>
    public long? AfterSeq { get; init; }

    /// <summary>Arrived before the event with this number.</summary>
    public long? BeforeSeq { get; init; }

    /// <summary>At most this many, 1 to <see cref="LargestPage"/>. A stream ignores it: it turns the pages itself.</summary>
    public int Limit { get; init; } = 100;

    /// <summary>Newest arrival first (the console's pages), else oldest first (followers and exports).</summary>
    public bool NewestFirst { get; init; } = true;
}
