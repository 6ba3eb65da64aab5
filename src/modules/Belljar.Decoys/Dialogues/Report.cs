namespace Belljar.Decoys.Dialogues;

/// <summary>Something to be recorded before the answer is sent.</summary>
internal abstract record Report
{
    public abstract Task RecordAsync(Visit visit);
}

/// <inheritdoc cref="Contracts.Events.DecoyAuthAttempt"/>
internal sealed record AuthAttempt(string Principal, string Mechanism, string SecretKind, string? Secret, bool Allowed) : Report
{
    public override Task RecordAsync(Visit visit) => visit.RecordAuthAttemptAsync(Principal, Mechanism, SecretKind, Secret, Allowed);
}

/// <inheritdoc cref="Contracts.Events.DecoyCommand"/>
internal sealed record CommandGiven(string Command, string? Outcome) : Report
{
    public override Task RecordAsync(Visit visit) => visit.RecordCommandAsync(Command, Outcome);
}

/// <inheritdoc cref="Contracts.Events.DecoySessionStart"/>
internal sealed record SessionStarted(string Principal) : Report
{
    public override Task RecordAsync(Visit visit) => visit.RecordSessionStartAsync(Principal);
}

/// <inheritdoc cref="Contracts.Events.DecoyFileUp"/>
internal sealed record FileUp(string Path, long SizeBytes, string Sha256) : Report
{
    public override Task RecordAsync(Visit visit) => visit.RecordFileUpAsync(Path, SizeBytes, Sha256);
}

/// <inheritdoc cref="Contracts.Events.DecoyFileDown"/>
internal sealed record FileDown(string Path, long SizeBytes) : Report
{
    public override Task RecordAsync(Visit visit) => visit.RecordFileDownAsync(Path, SizeBytes);
}
