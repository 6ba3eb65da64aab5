using Belljar.Contracts;
using Belljar.Contracts.Events;
using Belljar.Store.Events;
using Belljar.Testing;

namespace Belljar.Store.Tests;

/// <summary>Events of several kinds, and logs that hold them.</summary>
internal static class Sample
{
    public static readonly Sender Me = new(1000, 42);

    public static BelljarEvent Decision(TimeProvider clock, string session = "dev-abcde", string host = "api.github.com") =>
        EventKinds.EgressDecision.At(clock, new EgressDecision(
            host, 443, "GET", "/user", "140.82.121.6", Verdict.Allow, "route:" + host, "", 200, 0, 1234, 87.5)) with
        {
            Host = "box",
            Session = session,
        };

    public static BelljarEvent Connection(TimeProvider clock, string decoy = "web-1", Severity severity = Severity.Notice) =>
        EventKinds.DecoyConnection.At(clock, new DecoyConnection("http", "203.0.113.9", 40123, "10.0.0.5", 80), severity) with
        {
            Host = "box",
            Decoy = decoy,
        };

    public static BelljarEvent Mail(TimeProvider clock, string mailbox = "agent@example.org") =>
        EventKinds.MailReceived.At(clock, new MailReceived(
            "20260314-1", "a@b", "Ann <ann@example.net>", "Grüße, 世界", "ann@example.net", "198.51.100.7", 2048, "true")) with
        {
            Host = "box",
            Mailbox = mailbox,
        };

    public static ReceivedEvent[] Received(params IEnumerable<BelljarEvent> events) => [.. events.Select(e => new ReceivedEvent(e, Me))];

    /// <summary>A log with a decision, a connection and a mail in turn.</summary>
    public static EventLog Log(TemporaryFolder folder, TimeProvider clock, int events = 0)
    {
        var log = EventLog.Open(folder["events.db"], clock);
        log.Append(Received(Enumerable.Range(0, events).Select(i => (i % 3) switch
        {
            0 => Decision(clock),
            1 => Connection(clock),
            _ => Mail(clock),
        })));
        return log;
    }
}
