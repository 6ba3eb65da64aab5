namespace Belljar.Sandboxes.Docker;

/// <summary>Why an engine did not do what it was asked.</summary>
public enum EngineProblem
{
    Unreachable,
    NotAllowed,
    NotFound,
    Conflict,
    NoSpace,
    ReadOnlyFolder,
    NoNetwork,
    NoBaseImage,
    Other,
}

/// <summary>An engine's refusal, told apart by what helps against it.</summary>
/// <param name="Problem">The class of it.</param>
/// <param name="Remedy">What the operator can do, one sentence; empty when nothing general can be said.</param>
public sealed record EngineFailure(EngineProblem Problem, string Remedy)
{
    private static readonly (EngineProblem Problem, string[] Words, string Remedy)[] Known =
    [
        (EngineProblem.NoSpace, ["no space left on device", "disk quota exceeded"],
            "The engine's disk is full: `docker system df` shows by what, `docker system prune` frees it."),
        (EngineProblem.ReadOnlyFolder, ["read-only file system"],
            "The engine's data folder cannot be written: mount it writable or move it (data-root in /etc/docker/daemon.json)."),
        (EngineProblem.NoBaseImage, ["manifest unknown", "pull access denied", "repository does not exist", "manifest for"],
            "The base image is not there: build it with `belljar image build`, or load it with `docker load`."),
        (EngineProblem.NoNetwork,
            ["temporary failure resolving", "could not resolve", "no such host", "network is unreachable", "i/o timeout", "tls handshake timeout", "connection refused"],
            "The build has no network: check the engine's DNS and proxy, and its MTU (`dockerd --mtu 1400` in nested machines)."),
    ];

    public static EngineFailure Classify(int status, string message)
    {
        var match = Known.FirstOrDefault(known => known.Words.Any(word => message.Contains(word, StringComparison.OrdinalIgnoreCase)));
        return match.Words is not null ? new EngineFailure(match.Problem, match.Remedy)
            : status switch
            {
                404 => new EngineFailure(EngineProblem.NotFound, ""),
                409 => new EngineFailure(EngineProblem.Conflict, ""),
                _ => new EngineFailure(EngineProblem.Other, ""),
            };
    }

    public static EngineFailure Unreachable(string socket) => new(
        EngineProblem.Unreachable,
        $"Nothing answers on {socket}: install and start an engine (Debian: apt install docker.io), or name its socket.");

    public static EngineFailure NotAllowed(string socket) => new(
        EngineProblem.NotAllowed,
        $"This user may not use {socket}: be root, or join its group (usermod -aG docker USER; that is as good as root).");
}

/// <summary>The engine refused or failed. The message holds its words, shortened, and the remedy where one is known.</summary>
public sealed class EngineException(string what, int status, string words, EngineFailure failure, Exception? inner = null)
    : IOException($"{what}: {Short(words)}{(failure.Remedy.Length == 0 ? "" : " " + failure.Remedy)}", inner)
{
    private const int MostWords = 600;

    /// <summary>Of HTTP; 0 when there was no answer.</summary>
    public int Status { get; } = status;

    public EngineFailure Failure { get; } = failure;

    /// <summary>What the engine said, whole.</summary>
    public string Words { get; } = words;

    private static string Short(string words)
    {
        var line = words.ReplaceLineEndings(" ").Trim();
        return line.Length <= MostWords ? line : line[..MostWords] + "…";
    }
}
