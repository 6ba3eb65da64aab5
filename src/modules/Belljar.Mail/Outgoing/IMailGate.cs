namespace Belljar.Mail.Outgoing;

/// <summary>Looks at what is about to leave. A seam: who scans for secrets stands behind it.</summary>
public interface IMailGate
{
    /// <param name="message">As it would be sent: Bcc is gone, nothing is signed.</param>
    ValueTask<GateVerdict> JudgeAsync(MailboxOptions mailbox, ReadOnlyMemory<byte> message, IReadOnlyList<string> recipients, CancellationToken ct);
}

/// <param name="IsAllowed">Whether it leaves.</param>
/// <param name="Reason">Where it does not: the rule's name (never what it found), or <c>pending REQUEST</c> where the operator is asked.</param>
public readonly record struct GateVerdict(bool IsAllowed, string Reason)
{
    public static GateVerdict Allowed { get; } = new(true, "");

    public static GateVerdict Refused(string rule) => new(false, rule);
}

/// <summary>Where nobody scans.</summary>
public sealed class OpenMailGate : IMailGate
{
    public ValueTask<GateVerdict> JudgeAsync(MailboxOptions mailbox, ReadOnlyMemory<byte> message, IReadOnlyList<string> recipients, CancellationToken ct) =>
        ValueTask.FromResult(GateVerdict.Allowed);
}
