using System.Globalization;

namespace Belljar.Decoys.Http.Nginx;

/// <summary>The site's one page, as nginx serves a file.</summary>
internal sealed class NginxSite(SitePage page)
{
    private readonly string _modified = HttpDate.Format(page.Modified);
    private readonly string _etag = string.Create(CultureInfo.InvariantCulture, $"\"{page.Modified.ToUnixTimeSeconds():x}-{page.Html.Length:x}\"");

    /// <summary>The path that a target leads to; null when it leads nowhere.</summary>
    public static string? PathOf(string target)
    {
        var path = target;
        if (path[0] != '/')
        {
            var slash = path.IndexOfAny(['/', '?'], path.IndexOf("://", StringComparison.Ordinal) + 3);
            path = slash < 0 ? "/" : path[slash] == '?' ? "/" : path[slash..];
        }

        var end = path.IndexOfAny(['?', '#']);
        path = end < 0 ? path : path[..end];
        return UrlPath.TryResolve(path, out var resolved) && !resolved.Contains('\0') ? resolved : null;
    }

    public static bool IsPage(RequestHead head) => PathOf(head.Line.Target) is "/" or "/index.html";

    /// <summary>HTTP/0.9: the file and nothing else.</summary>
    public HttpReply Bare() => new(200, page.Html, Closes: true);

    public HttpReply Reply(RequestHead head, HttpPlace place, bool closes, NginxDialect nginx)
    {
        switch (Preconditions.Of(head, _etag, page.Modified, since => since == page.Modified))
        {
            case Precondition.NotModified:
                return new HttpReply(304, nginx.Begin(304, "Not Modified", place).Field("Last-Modified", _modified)
                    .Field("Connection", NginxDialect.Word(closes)).Field("ETag", _etag).End([]), closes);
            case Precondition.Failed:
                // It says keep-alive and closes all the same.
                return nginx.Error(412, place, closes, head) with { Closes = true };
            default:
                return NginxDialect.Zips(head) ? Zipped(head, place, closes, nginx) : Whole(head, place, closes, nginx);
        }
    }

    private HttpReply Zipped(RequestHead head, HttpPlace place, bool closes, NginxDialect nginx)
    {
        var isHead = head.Line.Method is "HEAD";
        var bytes = nginx.Begin(200, "OK", place)
            .Field("Content-Type", "text/html")
            .Field("Last-Modified", _modified)
            .FieldIf(!isHead, "Transfer-Encoding", "chunked")
            .Field("Connection", NginxDialect.Word(closes))
            .Field("ETag", "W/" + _etag)
            .Field("Content-Encoding", "gzip")
            .End(isHead ? [] : NginxDialect.Chunk(page.Html));
        return new HttpReply(200, bytes, closes);
    }

    private HttpReply Whole(RequestHead head, HttpPlace place, bool closes, NginxDialect nginx)
    {
        var same = head.Field("If-Range");
        var asked = same is null || same == _etag || same == _modified ? head.Field("Range")?.Replace(" ", "", StringComparison.Ordinal) : null;
        var range = ByteRange.Read(asked, page.Html.Length);
        if (range.Kind is RangeKind.Beyond or RangeKind.Absurd)
        {
            return nginx.Error(416, place, closes, head, contentRange: $"bytes */{page.Html.Length}");
        }

        var isPart = range.Kind is RangeKind.Part;
        var part = isPart ? page.Html.AsSpan(range.First, range.Length) : page.Html;
        var bytes = nginx.Begin(isPart ? 206 : 200, isPart ? "Partial Content" : "OK", place)
            .Field("Content-Type", "text/html")
            .Field("Content-Length", part.Length.ToString(CultureInfo.InvariantCulture))
            .Field("Last-Modified", _modified)
            .Field("Connection", NginxDialect.Word(closes))
            .Field("ETag", _etag)
            .Field(isPart ? "Content-Range" : "Accept-Ranges", isPart ? range.ContentRange(page.Html.Length) : "bytes")
            .End(head.Line.Method is "HEAD" ? [] : part);
        return new HttpReply(isPart ? 206 : 200, bytes, closes);
    }
}
