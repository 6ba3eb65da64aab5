using System.Text.Json;
using Belljar.Contracts;
using Belljar.Contracts.Events;
using Belljar.Web.Html;

namespace Belljar.Web.Describe;

/// <summary>One sentence for every kind of event. A new kind is a line here; a test misses it otherwise.</summary>
internal static class EventDescribers
{
    public static readonly Registry<EventDescriber> All = new(
        "event describer",
        EventDescriber.Of(EventKinds.MailReceived, MailReceived),
        EventDescriber.Of(EventKinds.MailRefused, MailRefused),
        EventDescriber.Of(EventKinds.MailSent, MailSent),
        EventDescriber.Of(EventKinds.MailHook, MailHook),
        EventDescriber.Of(EventKinds.DecoyConnection, DecoyConnection),
        EventDescriber.Of(EventKinds.DecoyRequest, DecoyRequest),
        EventDescriber.Of(EventKinds.DecoyAuthAttempt, DecoyAuthAttempt),
        EventDescriber.Of(EventKinds.DecoyCommand, DecoyCommand),
        EventDescriber.Of(EventKinds.DecoyFileUp, DecoyFileUp),
        EventDescriber.Of(EventKinds.DecoyFileDown, DecoyFileDown),
        EventDescriber.Of(EventKinds.DecoySessionStart, DecoySessionStart),
        EventDescriber.Of(EventKinds.DecoySessionEnd, DecoySessionEnd),
        EventDescriber.Of(EventKinds.DecoyState, DecoyState),
        EventDescriber.Of(EventKinds.SandboxCreated, SandboxCreated),
        EventDescriber.Of(EventKinds.SandboxStopped, SandboxStopped),
        EventDescriber.Of(EventKinds.BottleStarted, BottleStarted),
        EventDescriber.Of(EventKinds.BottleEnded, BottleEnded),
        EventDescriber.Of(EventKinds.EgressDecision, EgressDecision),
        EventDescriber.Of(EventKinds.EgressCanary, EgressCanary),
        EventDescriber.Of(EventKinds.GateState, GateState),
        EventDescriber.Of(EventKinds.SystemStarted, SystemStarted),
        EventDescriber.Of(EventKinds.SystemStopped, SystemStopped),
        EventDescriber.Of(EventKinds.WorkerStateChanged, WorkerStateChanged),
        EventDescriber.Of(EventKinds.OperatorAction, OperatorAction));

    /// <summary>Never throws: an event of an unknown kind, or with data of another shape, is named.</summary>
    public static Markup Sentence(BelljarEvent e)
    {
        try
        {
            return All.Find(e.Kind)?.Sentence(e) ?? Markup.Of($"<code>{Words.Cut(e.Kind)}</code> was recorded");
        }
        catch (Exception shape) when (shape is JsonException or InvalidOperationException or NotSupportedException or NullReferenceException)
        {
            return Markup.Of($"<code>{Words.Cut(e.Kind)}</code> was recorded, with data of another shape than it should have");
        }
    }

    private static Markup MailReceived(BelljarEvent e, MailReceived mail)
    {
        var trusted = mail.Trusted switch
        {
            "true" => Markup.Of($", which is <em>trusted</em>"),
            "false" => Markup.Of($", which is <em>not trusted</em>"),
            _ => Markup.Empty,
        };
        return Markup.Of($"<b>{Words.Cut(e.Mailbox)}</b> got mail from <b>{Words.Cut(mail.From)}</b>: <q>{Words.Cut(mail.Subject)}</q> ({Words.Size(mail.SizeBytes)}){trusted}");
    }

    private static Markup MailRefused(BelljarEvent e, MailRefused mail)
    {
        var what = mail.Recipient is { } recipient ? Markup.Of($"mail to <b>{Words.Cut(recipient)}</b>") : Markup.Of($"a message");
        var sender = mail.EnvelopeFrom is { } from ? Markup.Of($" by <b>{Words.Cut(from.Length == 0 ? "<>" : from)}</b>") : Markup.Empty;
        return Markup.Of($"{what}{sender} from {Words.Cut(mail.RemoteAddress)} was refused: <code>{Words.Cut(mail.Reply)}</code>");
    }

    private static Markup MailSent(BelljarEvent e, MailSent mail) => Markup.Of(
        $"<b>{Words.Cut(e.Mailbox)}</b> wrote to {Words.Cut(Words.List([.. mail.Recipients.Select(recipient => recipient.Address)]))}: <q>{Words.Cut(mail.Subject)}</q> ({Words.Size(mail.SizeBytes)}), <em>{Words.Cut(mail.Status)}</em>");

    private static Markup MailHook(BelljarEvent e, MailHook hook)
    {
        var code = hook.Code is { } number ? Markup.Of($" ({number})") : Markup.Empty;
        return Markup.Of(
            $"hook <b>{Words.Cut(hook.Hook)}</b> of {Words.Cut(e.Mailbox)} for <code>{Words.Cut(hook.Id)}</code>: <em>{Words.Cut(hook.Outcome)}</em>{code} after {Words.Span(hook.DurationMs)}");
    }

    private static Markup DecoyConnection(BelljarEvent e, DecoyConnection visit) => Markup.Of(
        $"{Words.Cut(visit.RemoteAddress)} connected to <b>{Words.Cut(e.Decoy)}</b>, {Words.Cut(visit.Service)} on <code>{Words.Endpoint(visit.LocalAddress, visit.LocalPort)}</code>");

    private static Markup DecoyRequest(BelljarEvent e, DecoyRequest request)
    {
        var what = request.Method.Length > 0
            ? Markup.Of($"asked <b>{Words.Cut(e.Decoy)}</b> for <code>{Words.Cut(request.Method)} {Words.Cut(request.Target)}</code>")
            : Markup.Of($"sent <b>{Words.Cut(e.Decoy)}</b> what is no request: <code>{Words.Cut(request.Target)}</code>");
        var body = request.Body is { } sent ? Markup.Of($" with a body (<code>{Words.Cut(sent)}</code>)") : Markup.Empty;
        var answer = request.Status > 0 ? Markup.Of($", answered {request.Status}") : Markup.Of($", not answered");
        return Markup.Of($"{Words.Cut(request.RemoteAddress)} {what}{body}{answer}");
    }

    private static Markup DecoyAuthAttempt(BelljarEvent e, DecoyAuthAttempt attempt)
    {
        var who = attempt.Principal.Length > 0 ? Markup.Of($" as <b>{Words.Cut(attempt.Principal)}</b>") : Markup.Empty;
        var outcome = attempt.Allowed ? Markup.Of($"was <em class=\"yes\">let in</em>") : Markup.Of($"was <em class=\"no\">turned away</em>");
        return Markup.Of($"{Words.Cut(attempt.RemoteAddress)} tried {Words.Cut(attempt.Service)} of <b>{Words.Cut(e.Decoy)}</b>{who} by <code>{Words.Cut(attempt.Mechanism)}</code> and {outcome}");
    }

    private static Markup DecoyCommand(BelljarEvent e, DecoyCommand command)
    {
        var outcome = command.Outcome is { } answer ? Markup.Of($", answered <code>{Words.Cut(answer)}</code>") : Markup.Empty;
        return Markup.Of($"{Words.Cut(command.RemoteAddress)} told {Words.Cut(command.Service)} of <b>{Words.Cut(e.Decoy)}</b>: <code>{Words.Cut(command.Command)}</code>{outcome}");
    }

    private static Markup DecoyFileUp(BelljarEvent e, DecoyFileUp file) => Markup.Of(
        $"{Words.Cut(file.RemoteAddress)} brought <b>{Words.Cut(e.Decoy)}</b> <code>{Words.Cut(file.Path)}</code> ({Words.Size(file.SizeBytes)}), SHA-256 <code>{Words.Cut(file.Sha256)}</code>");

    private static Markup DecoyFileDown(BelljarEvent e, DecoyFileDown file) => Markup.Of(
        $"{Words.Cut(file.RemoteAddress)} took <code>{Words.Cut(file.Path)}</code> ({Words.Size(file.SizeBytes)}) from <b>{Words.Cut(e.Decoy)}</b>");

    private static Markup DecoySessionStart(BelljarEvent e, DecoySessionStart session) => Markup.Of(
        $"{Words.Cut(session.RemoteAddress)} is in <b>{Words.Cut(e.Decoy)}</b> as <b>{Words.Cut(session.Principal)}</b>, by {Words.Cut(session.Service)}");

    private static Markup DecoySessionEnd(BelljarEvent e, DecoySessionEnd session) => Markup.Of(
        $"{Words.Cut(session.RemoteAddress)} left <b>{Words.Cut(e.Decoy)}</b> after {Words.Span((long)(session.DurationSeconds * 1000))} and {session.Commands} commands");

    private static Markup DecoyState(BelljarEvent e, DecoyState decoy)
    {
        var reason = decoy.Reason is { } why ? Markup.Of($": {Words.Cut(why)}") : Markup.Empty;
        return decoy.State switch
        {
            "active" => Markup.Of($"decoy <b>{Words.Cut(e.Decoy)}</b> stands at {Words.List([.. decoy.Addresses])}{reason}"),
            "stopped" => Markup.Of($"decoy <b>{Words.Cut(e.Decoy)}</b> was taken down{reason}"),
            _ => Markup.Of($"decoy <b>{Words.Cut(e.Decoy)}</b> is <em>{Words.Cut(decoy.State)}</em>{reason}"),
        };
    }

    private static Markup SandboxCreated(BelljarEvent e, SandboxCreated sandbox) => Markup.Of(
        $"sandbox of <b>{Words.Cut(e.Session)}</b> was made by {Words.Cut(sandbox.Backend)} in {Words.Span(sandbox.DurationMs)}");

    private static Markup SandboxStopped(BelljarEvent e, SandboxStopped sandbox) => Markup.Of(
        $"sandbox of <b>{Words.Cut(e.Session)}</b> ended and was removed");

    private static Markup BottleStarted(BelljarEvent e, BottleStarted bottle) => Markup.Of(
        $"session <b>{Words.Cut(e.Session)}</b> began: <code>{Words.Cut(bottle.Program)}</code> in bottle <b>{Words.Cut(bottle.Bottle)}</b>, which may reach {Words.Cut(Words.List([.. bottle.Routes]))}");

    private static Markup BottleEnded(BelljarEvent e, BottleEnded bottle) => Markup.Of(
        $"session <b>{Words.Cut(e.Session)}</b> ended with exit code {bottle.ExitCode} after {Words.Span(bottle.DurationMs)}");

    private static Markup EgressDecision(BelljarEvent e, EgressDecision crossing)
    {
        var verdict = crossing.Decision switch
        {
            Verdict.Allow => Markup.Of($"<em class=\"yes\">allowed</em>"),
            Verdict.Deny => Markup.Of($"<em class=\"no\">denied</em>"),
            Verdict.Ask => Markup.Of($"<em>asked you about</em>"),
            _ => Markup.Of($"<em>redacted</em>"),
        };
        var path = crossing.Path is { } some ? Words.Cut(some) : "";
        var outcome = crossing.Decision is Verdict.Allow or Verdict.Redact
            ? Markup.Of($", {Words.Size(crossing.BytesUp)} out and {Words.Size(crossing.BytesDown)} in ({Words.Cut(crossing.Rule)})")
            : Markup.Of($": {Words.Cut(crossing.Reason)} ({Words.Cut(crossing.Rule)})");
        var status = crossing.Status is { } answered ? Markup.Of($", answered {answered}") : Markup.Empty;
        return Markup.Of(
            $"gate of <b>{Words.Cut(e.Session)}</b> {verdict} <code>{Words.Cut(crossing.Method)} {Words.Endpoint(Words.Cut(crossing.Host), crossing.Port)}{path}</code>{status}{outcome}");
    }

    private static Markup EgressCanary(BelljarEvent e, EgressCanary seen) => Markup.Of(
        $"the placeholder <b>{Words.Cut(seen.Planted)}</b> stood in the {Words.Cut(seen.Place)} of a request by <b>{Words.Cut(e.Session)}</b> to {Words.Cut(seen.Host)} ({Words.Cut(seen.Action)})");

    private static Markup GateState(BelljarEvent e, GateState gate)
    {
        var reason = gate.Reason is { } why ? Markup.Of($": {Words.Cut(why)}") : Markup.Empty;
        var again = gate.Restarts > 0 ? Markup.Of($" (started again {gate.Restarts} times)") : Markup.Empty;
        return gate.State is "ready" ? Markup.Of($"gate of <b>{Words.Cut(e.Session)}</b> is ready{again}{reason}")
            : gate.State is "replaced" ? Markup.Of($"gate of <b>{Words.Cut(e.Session)}</b> has other routes{reason}")
            : Markup.Of($"gate of <b>{Words.Cut(e.Session)}</b> is <em>{Words.Cut(gate.State)}</em>{again}{reason}; nothing gets out until it is back");
    }

    private static Markup SystemStarted(BelljarEvent e, SystemStarted started) => Markup.Of(
        $"Belljar {Words.Cut(started.Version)} started with {Words.List([.. started.Workers], most: 12)}");

    private static Markup SystemStopped(BelljarEvent e, SystemStopped stopped) => Markup.Of(
        $"Belljar stopped in good order after {Words.Span(stopped.UptimeSeconds * 1000)}");

    private static Markup WorkerStateChanged(BelljarEvent e, WorkerStateChanged worker)
    {
        var reason = worker.Reason is { } why ? Markup.Of($": {Words.Cut(why)}") : Markup.Empty;
        return worker.State is "ready"
            ? Markup.Of($"worker <b>{Words.Cut(worker.Worker)}</b> is ready{reason}")
            : Markup.Of($"worker <b>{Words.Cut(worker.Worker)}</b> is <em>{Words.Cut(worker.State)}</em>{reason}");
    }

    private static Markup OperatorAction(BelljarEvent e, OperatorAction action) => Markup.Of(
        $"the operator (uid {action.Uid}) asked for <code>{Words.Cut(action.Action)}</code> of <b>{Words.Cut(action.Target)}</b>: {Words.Cut(action.Outcome)}");
}
