namespace Belljar.Egress.Gate;

/// <summary>A connection from inside, as the gate keeps track of it: through the proxy or through a door.</summary>
internal interface IGateConnection
{
    /// <summary>May be closed without harm.</summary>
    bool IsIdle { get; }

    /// <summary>Ends when the connection and all that it recorded have ended.</summary>
    Task Completion { get; }

    void Start(Action<IGateConnection> ended);

    /// <summary>Once a second: who is past a deadline ends.</summary>
    void Reap();

    /// <summary>From any thread.</summary>
    void Abort();
}
