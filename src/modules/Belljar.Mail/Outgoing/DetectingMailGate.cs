using Belljar.Detection;
using Belljar.Detection.Rules;

namespace Belljar.Mail.Outgoing;

/// <summary>
/// The mail gate: headers, body and attachments are searched for secrets, with every encoding undone that a message may
/// have. What it finds is named by its rule, never shown.
/// </summary>
public sealed class DetectingMailGate : IMailGate
{
    // Compiled with the first message: a server that sends nothing starts without it.
    private readonly Lazy<RuleSet> _rules = new(() => RuleSet.Compile(OwnRules.File));

    public ValueTask<GateVerdict> JudgeAsync(MailboxOptions mailbox, ReadOnlyMemory<byte> message, IReadOnlyList<string> recipients, CancellationToken ct)
    {
        using var scanner = new Scanner(_rules.Value);
        scanner.Push(message.Span);
        scanner.Complete();
        return ValueTask.FromResult(
            scanner.Findings is [var first, ..] ? GateVerdict.Refused(first.RuleId)
            : scanner.Incomplete is not null ? GateVerdict.Refused("scan-budget")
            : GateVerdict.Allowed);
    }
}
