namespace Belljar.Decoys.Http;

/// <summary>How much a product takes, and how long it waits; the visitor can measure each of these.</summary>
/// <param name="LongestLine">Of the request line and of each field, without its end.</param>
/// <param name="MostFields">How many header fields.</param>
/// <param name="MostBlankLines">How many empty lines may come before a request.</param>
/// <param name="HeadTime">From the first moment to the end of the head.</param>
/// <param name="IdleTime">Between two requests on one connection.</param>
/// <param name="MostRequests">On one connection.</param>
internal sealed record HttpLimits(int LongestLine, int MostFields, int MostBlankLines, TimeSpan HeadTime, TimeSpan IdleTime, int MostRequests)
{
    /// <summary>Of a whole head, for every product: what a visitor sends is kept in memory until it ends.</summary>
    public const int LongestHead = 32 * 1024;

    /// <summary>Of a body that is read before the answer; the rest is never read.</summary>
    public const int LongestBody = 1 << 20;

    public static readonly TimeSpan BodyTime = TimeSpan.FromSeconds(20);
}
