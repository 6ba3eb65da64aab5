namespace Belljar.Contracts.Events;

/// <param name="Bottle">The bottle's name.</param>
/// <param name="Program">The first word of the command; its arguments may hold what must not be recorded.</param>
/// <param name="Backend">The sandbox backend: <c>oci</c>.</param>
/// <param name="Routes">The hosts that the bottle's routes name.</param>
public sealed record BottleStarted(string Bottle, string Program, string Backend, IReadOnlyList<string> Routes);

/// <param name="ExitCode">The command's exit code; 128 + signal when it was killed.</param>
public sealed record BottleEnded(string Bottle, int ExitCode, double DurationMs);

public sealed record SandboxCreated(string Backend, string Rootfs, double DurationMs);

public sealed record SandboxStopped(string Backend);
