namespace Belljar.Contracts.Events;

/// <summary>One crossing, or one refusal to cross. Never the body.</summary>
/// <param name="Host">The host that was asked for, as the client named it (lower case, no brackets).</param>
/// <param name="Method">The request's method; <c>CONNECT</c> for a tunnel.</param>
/// <param name="Path">The path without its query; null for a tunnel.</param>
/// <param name="Address">The address that was judged and dialled; null when none was.</param>
/// <param name="Decision"><c>allow</c>, <c>deny</c>, <c>ask</c> or <c>redact</c>.</param>
/// <param name="Rule">The rule that decided.</param>
/// <param name="BytesUp">Bytes of the body (or tunnel) sent upstream.</param>
/// <param name="BytesDown">Bytes of the body (or tunnel) sent to the client.</param>
public sealed record EgressDecision(
    string Host,
    int Port,
    string Method,
    string? Path,
    string? Address,
    Verdict Decision,
    string Rule,
    string Reason,
    int? Status,
    long BytesUp,
    long BytesDown,
    double DurationMs);

/// <summary>A value that was planted inside was seen where it has no business.</summary>
/// <param name="Place">Where in the request: <c>path</c>, <c>query</c>, <c>header</c>, <c>body</c>, <c>message</c>.</param>
/// <param name="Planted">Its name; never the value.</param>
/// <param name="Action"><c>denied</c>, <c>redacted</c> or <c>passed</c>.</param>
public sealed record EgressCanary(string Host, int Port, string Method, string? Path, string Place, string Planted, string Action);

/// <param name="State"><c>ready</c>, <c>replaced</c> (other routes are in force) or <c>lost</c>.</param>
/// <param name="Restarts">How often the gate of this session was started again.</param>
public sealed record GateState(string State, int Restarts, string? Reason);
