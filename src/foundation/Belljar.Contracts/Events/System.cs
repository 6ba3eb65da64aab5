namespace Belljar.Contracts.Events;

public sealed record SystemStarted(string Version, int Pid, IReadOnlyList<string> Workers);

public sealed record SystemStopped(double UptimeSeconds);

public sealed record WorkerStateChanged(string Worker, string State, string? Previous, string? Reason);

/// <param name="Action">What was asked: <c>worker.restart</c>.</param>
/// <param name="Target">What it was asked of: a worker's or session's name.</param>
/// <param name="Uid">The user who asked, from the socket's peer credentials.</param>
public sealed record OperatorAction(string Action, string Target, int Uid, string Outcome);
