using Belljar.Contracts;
using Belljar.Contracts.Events;
using Belljar.Testing;

namespace Belljar.Web.Tests;

/// <summary>One event of every kind, with the same text in every place that takes text.</summary>
internal static class Samples
{
    private static readonly ManualClock Clock = new();

    public static IReadOnlyList<BelljarEvent> All(string x) =>
    [
        .. new[]
        {
            EventKinds.MailReceived.At(Clock, new MailReceived(x, x, x, x, x, x, 1200, x)),
            EventKinds.MailRefused.At(Clock, new MailRefused(x, x, x, x)),
            EventKinds.MailSent.At(Clock, new MailSent(x, x, x, x, x, [new MailSentRecipient(x, x, x)], 1300)),
            EventKinds.MailHook.At(Clock, new MailHook(x, x, x, 2, 40, x, x)),
            EventKinds.DecoyConnection.At(Clock, new DecoyConnection(x, x, 40000, x, 80), Severity.Notice),
            EventKinds.DecoyRequest.At(Clock, new DecoyRequest(x, x, 40000, x, x, [new HeaderField(x, x)], x, 404), Severity.Warning),
            EventKinds.DecoyAuthAttempt.At(Clock, new DecoyAuthAttempt(x, x, 40000, x, x, x, x, Allowed: false), Severity.Warning),
            EventKinds.DecoyCommand.At(Clock, new DecoyCommand(x, x, 40000, x, x), Severity.Warning),
            EventKinds.DecoyFileUp.At(Clock, new DecoyFileUp(x, x, 40000, x, 1400, x), Severity.Warning),
            EventKinds.DecoyFileDown.At(Clock, new DecoyFileDown(x, x, 40000, x, 1500), Severity.Warning),
            EventKinds.DecoySessionStart.At(Clock, new DecoySessionStart(x, x, 40000, x), Severity.Warning),
            EventKinds.DecoySessionEnd.At(Clock, new DecoySessionEnd(x, x, 40000, x, 61.5, 3), Severity.Warning),
            EventKinds.DecoyState.At(Clock, new DecoyState(x, x, x, [x, x])),
            EventKinds.SandboxCreated.At(Clock, new SandboxCreated(x, x, 27)),
            EventKinds.SandboxStopped.At(Clock, new SandboxStopped(x)),
            EventKinds.BottleStarted.At(Clock, new BottleStarted(x, x, x, [x, x, x, x, x, x])),
            EventKinds.BottleEnded.At(Clock, new BottleEnded(x, 137, 90_000)),
            EventKinds.EgressDecision.At(Clock, new EgressDecision(x, 443, x, x, x, Verdict.Deny, x, x, 403, 10, 20, 1.5), Severity.Alert),
            EventKinds.EgressCanary.At(Clock, new EgressCanary(x, 443, x, x, x, x, x)),
            EventKinds.GateState.At(Clock, new GateState(x, 2, x)),
            EventKinds.SystemStarted.At(Clock, new SystemStarted(x, 4711, [x, x])),
            EventKinds.SystemStopped.At(Clock, new SystemStopped(7200)),
            EventKinds.WorkerStateChanged.At(Clock, new WorkerStateChanged(x, x, x, x)),
            EventKinds.OperatorAction.At(Clock, new OperatorAction(x, x, 1000, x)),
        }.Select(e => e with { Session = x, Decoy = x, Mailbox = x, Attacker = x, Host = x }),
    ];

    public static BelljarEvent Denied(string host)
    {
        var denied = new EgressDecision(host, 443, "CONNECT", null, null, Verdict.Deny, "default-deny", "no route names this host", null, 0, 0, 0.2);
        return EventKinds.EgressDecision.At(Clock, denied, Severity.Notice) with { Session = "dev-abcde" };
    }
}
