namespace Belljar.Protocols.Http1;

/// <summary>How much of a message head is read before it is refused. All sizes in bytes.</summary>
/// <param name="LongestHead">Start line and fields together.</param>
/// <param name="LongestStartLine">The request or status line.</param>
/// <param name="MostFields">Field lines in a head, and in a trailer section.</param>
/// <param name="LongestTrailers">The trailer section of a chunked body.</param>
public sealed record Http1Limits(
    int LongestHead = 64 * 1024,
    int LongestStartLine = 16 * 1024,
    int MostFields = 200,
    int LongestTrailers = 8 * 1024)
{
    public static readonly Http1Limits Default = new();

    /// <summary>
    /// The proxy's own address, where one reads: some clients (undici's ProxyAgent) name it in the Host field of a CONNECT,
    /// instead of the target. It is no other host, so nobody is misled. Null: no such thing is taken.
    /// </summary>
    public Authority? Proxy { get; init; }
}
