using Belljar.Contracts;
using Microsoft.Extensions.Hosting;

namespace Belljar.Hosting.Workers;

/// <summary>What a worker cannot do its job without.</summary>
[Flags]
public enum WorkerNeeds
{
    None = 0,
    Root = 1,
    Docker = 2,
    NetRaw = 4,
    BindService = 8,
}

/// <summary>
/// A long-running unit of work. Its name is at once the catalogue's key, the word after <c>belljar worker</c>, the
/// systemd unit (<c>belljar-NAME.service</c>), the heartbeat's topic and the console's row.
/// </summary>
/// <param name="Name">Lower case, one word.</param>
/// <param name="Summary">What it is for, in one line.</param>
/// <param name="Needs">What it cannot do without.</param>
/// <param name="BuildHost">
/// Builds the host; listeners are bound and subscriptions acknowledged when its <c>StartAsync</c> completes, because
/// that is when the worker is called ready. Called again for every restart.
/// </param>
public sealed record WorkerDefinition(string Name, string Summary, WorkerNeeds Needs, Func<WorkerContext, IHost> BuildHost) : INamed
{
    /// <summary>The sections of <c>belljar.yaml</c> that it reads: a change in one of them asks for a restart.</summary>
    public IReadOnlyList<string> Sections { get; init; } = [];
}
