using Belljar.Egress.Certificates;
using Belljar.Egress.Policy;
using Microsoft.Extensions.Logging;

namespace Belljar.Egress.Gate;

/// <summary>What every connection of a gate uses.</summary>
internal sealed class GateParts(
    RouteTable routes,
    Connector connector,
    LeafCertificates leaves,
    UpstreamTls upstreamTls,
    DecisionRecorder recorder,
    EgressLimits limits,
    TimeProvider clock,
    ILogger logger,
    CancellationToken giveUp)
{
    private volatile RouteTable _routes = routes;
    private volatile UpstreamTls _upstreamTls = upstreamTls;
    private volatile bool _isStopping;

    /// <summary>Replaced as a whole; an exchange under way keeps what it was judged by.</summary>
    public RouteTable Routes
    {
        get => _routes;
        set => _routes = value;
    }

    public bool IsStopping
    {
        get => _isStopping;
        set => _isStopping = value;
    }

    /// <summary>A recorder that does not answer cannot keep the gate from ending.</summary>
    public CancellationToken GiveUp { get; } = giveUp;

    public Connector Connector { get; } = connector;

    public LeafCertificates Leaves { get; } = leaves;

    /// <summary>Replaced as a whole, like the routes.</summary>
    public UpstreamTls UpstreamTls
    {
        get => _upstreamTls;
        set => _upstreamTls = value;
    }

    public DecisionRecorder Recorder { get; } = recorder;

    public DataBudgets Budgets { get; } = new();

    public EgressLimits Limits { get; } = limits;

    public TimeProvider Clock { get; } = clock;

    public ILogger Logger { get; } = logger;
}
