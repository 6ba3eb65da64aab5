using System.Globalization;
using System.Text;

namespace Belljar.Decoys.Http.Apache;

/// <summary>The site's one page as Apache serves a file, and what the packaged configuration makes of other paths.</summary>
internal sealed class ApacheSite(SitePage page)
{
    private const int LongestSegment = 255;
    private const int LongestPath = 4000;

    private readonly string _modified = HttpDate.Format(page.Modified);

    // FileETag MTime Size: size, and microseconds.
    private readonly string _tag = string.Create(
        CultureInfo.InvariantCulture, $"{page.Html.Length:x}-{(page.Modified.ToUnixTimeSeconds() * 1_000_000) + page.Microseconds:x}");

    private readonly Lazy<byte[]> _zipped = new(() => Gzip.Compress(page.Html, fastest: false));

    public static bool IsPage(string path) => path is "/" or "/index.html";

    /// <summary>How a path that is not the page is refused.</summary>
    public static int StatusOf(string path)
    {
        if (path.Contains('\0'))
        {
            return 404;
        }

        var segments = path.Split('/');
        var isForbidden = path is "/icons/" || path is "/server-status" || path.StartsWith("/server-status/", StringComparison.Ordinal)
            || segments[1].StartsWith(".ht", StringComparison.Ordinal)
            || path.Length > LongestPath || Array.Exists(segments, segment => segment.Length > LongestSegment);
        return isForbidden ? 403 : 404;
    }

    public HttpReply Reply(ApacheRequest request) =>
        Preconditions.Of(request.Head, $"\"{_tag}\"", page.Modified, since => since >= page.Modified && since <= request.Place.Now) switch
        {
            Precondition.NotModified => new HttpReply(
                304, ApacheDialect.Ended(Begin(304, "Not Modified", request, $"\"{_tag}\""), request).End([]), !request.IsKept),
            Precondition.Failed => Failed(request),
            _ => Represent(request),
        };

    private HttpReplyWriter Begin(int status, string reason, ApacheRequest request, string etag) =>
        ApacheDialect.Begin(status, reason, request.Place).Field("Last-Modified", _modified).Field("ETag", etag).Field("Accept-Ranges", "bytes");

    private HttpReply Failed(ApacheRequest request) => new(
        412,
        ApacheDialect.Ended(Begin(412, "Precondition Failed", request, $"\"{_tag}\"").Field("Content-Length", "0"), request).Field("Content-Type", "text/html").End([]),
        !request.IsKept);

    /// <summary>The page, compressed where that is wanted; a range is one of what is sent, so of the compressed page then.</summary>
    private HttpReply Represent(ApacheRequest request)
    {
        var zips = Gzip.IsAccepted(request.Head);
        var (body, etag) = zips ? (_zipped.Value, $"\"{_tag}-gzip\"") : (page.Html, $"\"{_tag}\"");
        var same = request.Head.Field("If-Range");
        var asked = same is null || same == etag || same == _modified ? request.Head.Field("Range") : null;
        var range = ByteRange.Read(asked, body.Length);
        if (range.Kind is RangeKind.Beyond)
        {
            return Unsatisfiable(request);
        }

        var isPart = range.Kind is RangeKind.Part;
        var part = isPart ? body.AsSpan(range.First, range.Length) : body;
        var writer = Begin(isPart ? 206 : 200, isPart ? "Partial Content" : "OK", request, etag);
        var length = part.Length.ToString(CultureInfo.InvariantCulture);
        writer = zips
            ? writer.Field("Vary", "Accept-Encoding").Field("Content-Encoding", "gzip")
                .FieldIf(isPart, "Content-Range", range.ContentRange(body.Length)).Field("Content-Length", length)
            : writer.Field("Content-Length", length).Field("Vary", "Accept-Encoding")
                .FieldIf(isPart, "Content-Range", range.ContentRange(body.Length));
        return new HttpReply(
            isPart ? 206 : 200,
            ApacheDialect.Ended(writer, request).Field("Content-Type", "text/html").End(request.Head.Line.Method is "HEAD" ? [] : part),
            !request.IsKept);
    }

    private static HttpReply Unsatisfiable(ApacheRequest request)
    {
        var html = ApachePages.Html(416, ApacheDialect.Server, request.Address);
        byte[] chunks = [.. Encoding.ASCII.GetBytes($"{html.Length:x}\r\n"), .. html, .. "\r\n0\r\n\r\n"u8];
        var writer = ApacheDialect.Ended(ApacheDialect.Begin(416, ApachePages.Reason(416), request.Place).Field("Transfer-Encoding", "chunked"), request);
        return new HttpReply(416, writer.Field("Content-Type", "text/html; charset=iso-8859-1").End(chunks), !request.IsKept);
    }
}
