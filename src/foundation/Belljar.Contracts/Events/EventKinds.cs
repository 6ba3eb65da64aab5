namespace Belljar.Contracts.Events;

/// <summary>Every kind of event that there is. Renaming one is a breaking change: scripts and subscriptions know these names.</summary>
public static class EventKinds
{
    private static readonly ContractsJson Json = ContractsJson.Default;

    public static readonly EventKind<MailReceived> MailReceived = new(
        "mail.received", "A message was stored for a mailbox.", Json.MailReceived, TopicId.Mailbox);

    public static readonly EventKind<MailRefused> MailRefused = new(
        "mail.refused", "A peer's recipient or message was refused.", Json.MailRefused);

    public static readonly EventKind<MailSent> MailSent = new(
        "mail.sent", "A mailbox's message was sent, or finally was not.", Json.MailSent, TopicId.Mailbox);

    public static readonly EventKind<MailHook> MailHook = new(
        "mail.hook", "A mailbox's hook was fired, or could not be.", Json.MailHook, TopicId.Mailbox);

    public static readonly EventKind<DecoyConnection> DecoyConnection = new(
        "decoy.connection", "Somebody connected to a decoy's service.", Json.DecoyConnection, TopicId.Decoy);

    public static readonly EventKind<DecoyRequest> DecoyRequest = new(
        "decoy.request", "A visitor asked a decoy's service for something.", Json.DecoyRequest, TopicId.Decoy);

    public static readonly EventKind<DecoyAuthAttempt> DecoyAuthAttempt = new(
        "decoy.auth_attempt", "A visitor of a decoy showed a secret, or tried to be somebody.", Json.DecoyAuthAttempt, TopicId.Decoy);

    public static readonly EventKind<DecoyCommand> DecoyCommand = new(
        "decoy.command", "A visitor gave a decoy's service a command.", Json.DecoyCommand, TopicId.Decoy);

    public static readonly EventKind<DecoyFileUp> DecoyFileUp = new(
        "decoy.file_up", "A visitor brought a decoy a file.", Json.DecoyFileUp, TopicId.Decoy);

    public static readonly EventKind<DecoyFileDown> DecoyFileDown = new(
        "decoy.file_down", "A visitor took a file from a decoy.", Json.DecoyFileDown, TopicId.Decoy);

    public static readonly EventKind<DecoySessionStart> DecoySessionStart = new(
        "decoy.session_start", "A visitor was let in by a decoy.", Json.DecoySessionStart, TopicId.Decoy);

    public static readonly EventKind<DecoySessionEnd> DecoySessionEnd = new(
        "decoy.session_end", "A visitor who had been let in left.", Json.DecoySessionEnd, TopicId.Decoy);

    public static readonly EventKind<DecoyState> DecoyState = new(
        "decoy.state", "A decoy was deployed, degraded or torn down.", Json.DecoyState, TopicId.Decoy);

    public static readonly EventKind<SandboxCreated> SandboxCreated = new(
        "sandbox.created", "A sandbox was made.", Json.SandboxCreated, TopicId.Session);

    public static readonly EventKind<SandboxStopped> SandboxStopped = new(
        "sandbox.stopped", "A sandbox ended and was removed.", Json.SandboxStopped, TopicId.Session);

    public static readonly EventKind<BottleStarted> BottleStarted = new(
        "bottle.started", "A session began.", Json.BottleStarted, TopicId.Session, isAudit: true);

    public static readonly EventKind<BottleEnded> BottleEnded = new(
        "bottle.ended", "A session ended.", Json.BottleEnded, TopicId.Session, isAudit: true);

    public static readonly EventKind<EgressDecision> EgressDecision = new(
        "gate.egress.decision", "The egress gate allowed or denied a request.", Json.EgressDecision, TopicId.Session, isAudit: true);

    public static readonly EventKind<EgressCanary> EgressCanary = new(
        "gate.egress.canary", "A planted value was seen in what an agent sent.", Json.EgressCanary, TopicId.Session, isAudit: true);

    public static readonly EventKind<GateState> GateState = new(
        "gate.egress.state", "A session's egress gate became ready, or was lost.", Json.GateState, TopicId.Session);

    public static readonly EventKind<SystemStarted> SystemStarted = new(
        "system.started", "Belljar started.", Json.SystemStarted, isAudit: true);

    public static readonly EventKind<SystemStopped> SystemStopped = new(
        "system.stopped", "Belljar stopped in good order.", Json.SystemStopped, isAudit: true);

    public static readonly EventKind<WorkerStateChanged> WorkerStateChanged = new(
        "system.worker_state", "A worker became ready, degraded, faulted or stopped.", Json.WorkerStateChanged);

    public static readonly EventKind<OperatorAction> OperatorAction = new(
        "system.operator_action", "The operator told Belljar to do something.", Json.OperatorAction, isAudit: true);

    public static readonly Registry<EventKind> All = new(
        "event kind",
        MailReceived,
        MailRefused,
        MailSent,
        MailHook,
        DecoyConnection,
        DecoyRequest,
        DecoyAuthAttempt,
        DecoyCommand,
        DecoyFileUp,
        DecoyFileDown,
        DecoySessionStart,
        DecoySessionEnd,
        DecoyState,
        SandboxCreated,
        SandboxStopped,
        BottleStarted,
        BottleEnded,
        EgressDecision,
        EgressCanary,
        GateState,
        SystemStarted,
        SystemStopped,
        WorkerStateChanged,
        OperatorAction);
}
