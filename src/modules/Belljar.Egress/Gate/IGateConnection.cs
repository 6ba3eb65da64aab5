namespace Belljar.Egress.Gate;

/// <summary>A connection from inside, as the gate keeps track of it: through the proxy or through a door.</summary>
internal interface IGateConnection
{
    /// <summary>Checked once a second; past it, the connection is aborted.</summary>
    Deadline Deadline { get; }

    /// <summary>May be closed without harm.</summary>
    bool IsIdle { get; }

    /// <summary>Ends when the connection and all that it recorded have ended.</summary>
    Task Completion { get; }

    void Start(Action<IGateConnection> ended);

    /// <summary>From any thread.</summary>
    void Abort();
}
