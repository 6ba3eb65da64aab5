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

/// <param name="Principal">Who the visitor said that he is (at most 256 characters); empty where the protocol has no names.</param>
/// <param name="Mechanism">How, in the protocol's own word: <c>USER</c>, <c>mysql_native_password</c>, <c>SCRAM-SHA-256</c>.</param>
/// <param name="SecretKind"><c>password</c>, <c>mysql_native</c>, <c>postgres_md5</c>, <c>scram</c>, <c>vnc_response</c>, <c>cram_md5</c> or <c>none</c>.</param>
/// <param name="Secret">What he showed (at most 1024 characters), a response in the form in which crackers take it; null when he showed nothing.</param>
/// <param name="Allowed">Whether he was let in.</param>
public sealed record DecoyAuthAttempt(
    string Service, string RemoteAddress, int RemotePort, string Principal, string Mechanism, string SecretKind, string? Secret, bool Allowed);

/// <param name="Command">What he asked for, one message (Latin-1, at most 4096 characters).</param>
/// <param name="Outcome">How it was answered, in the protocol's own word; null when nothing was.</param>
public sealed record DecoyCommand(string Service, string RemoteAddress, int RemotePort, string Command, string? Outcome);

/// <summary>A visitor brought a file.</summary>
/// <param name="Path">Where he wanted it to lie.</param>
/// <param name="SizeBytes">All that was read; more is never kept.</param>
/// <param name="Sha256">Of what was read, lower case.</param>
public sealed record DecoyFileUp(string Service, string RemoteAddress, int RemotePort, string Path, long SizeBytes, string Sha256);

/// <summary>A visitor took a file.</summary>
public sealed record DecoyFileDown(string Service, string RemoteAddress, int RemotePort, string Path, long SizeBytes);

/// <summary>A visitor was let in.</summary>
public sealed record DecoySessionStart(string Service, string RemoteAddress, int RemotePort, string Principal);

/// <param name="Commands">How many he gave.</param>
public sealed record DecoySessionEnd(string Service, string RemoteAddress, int RemotePort, string Principal, double DurationSeconds, int Commands);

/// <param name="State"><c>active</c>, <c>degraded</c>, <c>stopped</c>.</param>
/// <param name="Previous">The state before; null at first.</param>
public sealed record DecoyState(string State, string? Previous, string? Reason, IReadOnlyList<string> Addresses);
