namespace Belljar.Contracts.Events;

/// <summary>How much an event should matter to the operator.</summary>
public enum Severity
{
    /// <summary>Routine: it is recorded and nobody needs to look.</summary>
    Info,

    /// <summary>Worth seeing: something was done or refused.</summary>
    Notice,

    /// <summary>Something is not as it should be.</summary>
    Warning,

    /// <summary>A tripwire was touched, or the product cannot do its job.</summary>
    Alert,
}
