namespace Belljar.Decoys.Http;

/// <summary>What the conditional fields make of a request (RFC 9110 §13.2.2).</summary>
internal enum Precondition
{
    Met,
    NotModified,
    Failed,
}

internal static class Preconditions
{
    /// <param name="head">The request.</param>
    /// <param name="etag">The page's tag, with its quotes.</param>
    /// <param name="modified">When the page was changed.</param>
    /// <param name="notModifiedSince">Whether a time in If-Modified-Since is a time at which the page was the same: the products differ.</param>
    public static Precondition Of(RequestHead head, string etag, DateTimeOffset modified, Predicate<DateTimeOffset> notModifiedSince)
    {
        if (head.Field("If-Match") is { } match ? !Lists(match, etag, isWeak: false) : HttpDate.Parse(head.Field("If-Unmodified-Since")) < modified)
        {
            return Precondition.Failed;
        }

        if (head.Field("If-None-Match") is { } noneMatch)
        {
            return Lists(noneMatch, etag, isWeak: true) ? Precondition.NotModified : Precondition.Met;
        }

        return HttpDate.Parse(head.Field("If-Modified-Since")) is { } since && notModifiedSince(since)
            ? Precondition.NotModified
            : Precondition.Met;
    }

    /// <param name="isWeak">The weak comparison, for which <c>W/</c> does not count (RFC 9110 §8.8.3.2).</param>
    private static bool Lists(string tags, string etag, bool isWeak) => tags.Trim() is "*" || tags.Split(',', StringSplitOptions.TrimEntries)
        .Any(tag => (isWeak && tag.StartsWith("W/", StringComparison.Ordinal) ? tag[2..] : tag) == etag);
}
