namespace Belljar.Bottles.Sessions;

/// <summary>What a supervisor and its gate agree on.</summary>
public static class GateProtocol
{
    /// <summary>The descriptor on which a gate finds its listener.</summary>
    public const int ListenerDescriptor = 3;

    /// <summary>The first of those on which it finds the doors' listeners, in the order of its configuration.</summary>
    public const int FirstDoorDescriptor = 4;

    /// <summary>The frame on a gate's input that carries its configuration. The end of that input is the end of the gate.</summary>
    public const string ConfigurationVerb = "CONFIG";

    /// <summary>The line on a gate's output that says that it serves.</summary>
    public const string ReadyLine = "READY";
}
