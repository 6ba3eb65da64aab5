using System.CommandLine;
using System.Globalization;
using Belljar.Contracts;
using Belljar.Contracts.Events;
using Belljar.Hosting;
using Belljar.Store.Events;

namespace Belljar.Commands;

/// <summary>The options by which events are chosen; <c>events</c> and <c>export</c> share them.</summary>
internal sealed class EventFilter
{
    private readonly Option<string?> _kind = new("--kind") { Description = "only kinds that match: mail.received, 'gate.>', '*.started'" };
    private readonly Option<string?> _since = new("--since") { Description = "only since then: 10m, 2h, 3d, or 2026-01-31T12:00:00Z" };
    private readonly Option<string?> _session = new("--session") { Description = "only of this bottle's session" };
    private readonly Option<string?> _decoy = new("--decoy") { Description = "only of this decoy" };
    private readonly Option<string?> _mailbox = new("--mailbox") { Description = "only of this mailbox" };
    private readonly Option<Severity> _severity = new("--severity") { Description = "only this severity and above: info, notice, warning, alert" };

    public EventFilter() =>
        _kind.CompletionSources.Add(_ => EventKinds.All.Names.Select(name => new System.CommandLine.Completions.CompletionItem(name)));

    public IEnumerable<Symbol> Options => [_kind, _since, _session, _decoy, _mailbox, _severity];

    public EventQuery Query(ParseResult parsed, TimeProvider clock)
    {
        var kind = parsed.GetValue(_kind);
        if (kind is not null && !Topic.IsValidPattern(kind))
        {
            throw new OperatorException($"'{kind}' is not a pattern of kinds. Examples: mail.received, 'gate.>', 'decoy.*'.", OperatorException.WrongUsage);
        }

        return new EventQuery
        {
            KindPattern = kind,
            Since = parsed.GetValue(_since) is { } since ? Since(since, clock.GetUtcNow()) : null,
            Session = parsed.GetValue(_session),
            Decoy = parsed.GetValue(_decoy),
            Mailbox = parsed.GetValue(_mailbox),
            MinimumSeverity = parsed.GetValue(_severity),
        };
    }

    internal static DateTimeOffset Since(string text, DateTimeOffset now)
    {
        if (text.Length > 1 && int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            switch (text[^1])
            {
                case 's':
                    return now.AddSeconds(-count);
                case 'm':
                    return now.AddMinutes(-count);
                case 'h':
                    return now.AddHours(-count);
                case 'd':
                    return now.AddDays(-count);
            }
        }

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : throw new OperatorException($"'{text}' is not a time. Examples: 10m, 2h, 3d, 2026-01-31T12:00:00Z.", OperatorException.WrongUsage);
    }
}
