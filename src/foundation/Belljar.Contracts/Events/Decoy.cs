namespace Belljar.Contracts.Events;

/// <param name="Service">The decoy service's id: <c>http</c>.</param>
public sealed record DecoyConnection(string Service, string RemoteAddress, int RemotePort, string LocalAddress, int LocalPort);

/// <param name="Service">The decoy service's id: <c>http</c>.</param>
/// <param name="Method">The method as the visitor sent it.</param>
/// <param name="Target">The request target, byte for byte (Latin-1), at most 2048 characters.</param>
/// <param name="Headers">The header fields in the order received, at most 64, each value at most 1024 characters.</param>
/// <param name="Body">The first bytes of the body (Latin-1, at most 4096); null when there was none.</param>
/// <param name="Status">The status that the decoy answered.</param>
public sealed record DecoyRequest(
    string Service,
    string RemoteAddress,
    int RemotePort,
    string Method,
    string Target,
    IReadOnlyList<HeaderField> Headers,
    string? Body,
    int Status);

public sealed record HeaderField(string Name, string Value);

/// <param name="State"><c>active</c>, <c>degraded</c>, <c>stopped</c>.</param>
/// <param name="Previous">The state before; null at first.</param>
public sealed record DecoyState(string State, string? Previous, string? Reason, IReadOnlyList<string> Addresses);
