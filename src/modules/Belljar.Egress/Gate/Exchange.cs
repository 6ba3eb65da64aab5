using System.Net;
using Belljar.Contracts;
using Belljar.Contracts.Events;

namespace Belljar.Egress.Gate;

/// <summary>The facts of one crossing, or of one refusal, as they become known.</summary>
internal sealed class Exchange(string host, int port, string method, string? path, long started)
{
    private const int LongestPath = 2048;

    private long _bytesUp;
    private long _bytesDown;

    public string Host => host;

    public int Port => port;

    public string Method => method;

    /// <summary>Inside TLS, on both sides.</summary>
    public bool IsSecure { get; init; }

    public IPAddress? Address { get; set; }

    public Decision Decision { get; set; }

    /// <summary>What went wrong after the crossing was allowed; else null.</summary>
    public string? Failure { get; set; }

    public int? Status { get; set; }

    public long BytesUp => Interlocked.Read(ref _bytesUp);

    public void Up(int bytes) => Interlocked.Add(ref _bytesUp, bytes);

    public void Down(int bytes) => Interlocked.Add(ref _bytesDown, bytes);

    /// <summary>What was counted did not go out after all.</summary>
    public void NothingDown() => Interlocked.Exchange(ref _bytesDown, 0);

    public EgressCanary ToCanary(string place, string planted, string action)
        => new(host, port, method, path?[..Math.Min(path.Length, LongestPath)], place, planted, action);

    public EgressDecision ToEvent(TimeProvider clock) => new(
        host,
        port,
        method,
        path?[..Math.Min(path.Length, LongestPath)],
        Address?.ToString(),
        Decision.Verdict,
        Decision.Rule,
        Failure ?? Decision.Reason,
        Status,
        Interlocked.Read(ref _bytesUp),
        Interlocked.Read(ref _bytesDown),
        clock.GetElapsedTime(started).TotalMilliseconds);
}
