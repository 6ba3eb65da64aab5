using Belljar.Contracts;

namespace Belljar.Hosting.Workers;

/// <summary>Starts and stops workers: directly in the all-in-one process, through systemd elsewhere.</summary>
public interface IWorkerControl
{
    /// <summary>How the workers of this process are, in the catalogue's order.</summary>
    IReadOnlyList<WorkerHealth> Snapshot();

    /// <exception cref="Contracts.UnknownNameException">There is no such worker.</exception>
    Task StartAsync(string worker, CancellationToken ct);

    /// <inheritdoc cref="StartAsync"/>
    Task StopAsync(string worker, CancellationToken ct);

    /// <summary>Requests for one worker that arrive while it restarts are one restart.</summary>
    /// <inheritdoc cref="StartAsync"/>
    Task RestartAsync(string worker, CancellationToken ct);
}
