using Belljar.Contracts.Events;
using Belljar.Decoys.Fleet;

namespace Belljar.Decoys.Presence;

/// <summary>A decoy as it stands, beside what was wished for.</summary>
internal sealed class DeployedDecoy(DecoySpec spec, TimeProvider clock)
{
    public string Name => spec.Name;

    public IReadOnlyList<DeployedService> Services { get; } =
        [.. from service in spec.Services
            let server = service.Create(spec.Identity, clock)
            from address in spec.Addresses
            select new DeployedService(service, address, server)];

    /// <summary><c>active</c>, <c>degraded</c>, <c>stopped</c>; null before it was deployed for the first time.</summary>
    public string? State { get; private set; }

    public string? Reason => Services.Select(service => service.Failure).FirstOrDefault(failure => failure is not null);

    public IReadOnlyList<string> Addresses => [.. spec.Addresses.Select(address => address.ToString())];

    /// <summary>Takes note of what is bound now.</summary>
    /// <returns>The transition; null when there was none.</returns>
    public BelljarEvent? Settle() => Change(Services.All(service => service.Listener is not null) ? "active" : "degraded");

    /// <inheritdoc cref="Settle"/>
    public BelljarEvent? Stopped() => Change("stopped");

    private BelljarEvent? Change(string state)
    {
        if (state == State)
        {
            return null;
        }

        var previous = State;
        State = state;
        var isDegraded = state is "degraded";
        var change = new DecoyState(state, previous, isDegraded ? Reason : null, Addresses);
        return EventKinds.DecoyState.At(clock, change, isDegraded ? Severity.Warning : Severity.Info) with { Decoy = Name };
    }
}
