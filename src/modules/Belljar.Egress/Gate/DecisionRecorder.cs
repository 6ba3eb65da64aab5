using Belljar.Contracts;
using Belljar.Contracts.Events;
using Microsoft.Extensions.Logging;

namespace Belljar.Egress.Gate;

/// <summary>Turns every exchange into its event. Recording never fails the work that is recorded.</summary>
internal sealed partial class DecisionRecorder(SessionSlug session, IEventSink sink, TimeProvider clock, ILogger logger)
{
    private readonly ILogger _logger = logger;

    public async Task RecordAsync(Exchange exchange, CancellationToken ct)
    {
        var payload = exchange.ToEvent(clock);
        var e = EventKinds.EgressDecision.At(clock, payload, SeverityOf(payload)) with { Session = session.Value };
        try
        {
            await sink.RecordAsync(e, ct);
        }
        catch (Exception error)
        {
            LogNotRecorded(session.Value, error);
        }
    }

    /// <summary>A planted value was seen. Rung at once: what comes of the request follows.</summary>
    /// <param name="action"><c>denied</c>, <c>redacted</c> or <c>passed</c>.</param>
    public void Ring(Exchange exchange, string place, string planted, string action)
        => sink.Post(EventKinds.EgressCanary.At(clock, exchange.ToCanary(place, planted, action), action == "redacted" ? Severity.Notice : Severity.Alert) with
        {
            Session = session.Value,
        });

    private static Severity SeverityOf(EgressDecision decision) => decision switch
    {
        { Decision: Verdict.Deny, Rule: "default-deny" } => Severity.Notice,
        { Decision: Verdict.Deny, Rule: var rule } => rule.StartsWith("route:", StringComparison.Ordinal) ? Severity.Notice : Severity.Warning,
        { Rule: var rule } when rule.StartsWith("audit:", StringComparison.Ordinal) || rule.StartsWith("learn:", StringComparison.Ordinal) => Severity.Notice,
        _ => Severity.Info,
    };

    [LoggerMessage(Level = LogLevel.Error, Message = "Session {Session}: a decision could not be recorded")]
    private partial void LogNotRecorded(string session, Exception error);
}
