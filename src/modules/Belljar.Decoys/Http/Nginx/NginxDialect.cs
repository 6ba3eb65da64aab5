using System.Globalization;
using System.Text;

namespace Belljar.Decoys.Http.Nginx;

/// <summary>nginx of Debian 12 with the packaged configuration, compared with 1.22.1-9+deb12u.</summary>
internal sealed class NginxDialect(SitePage site) : IHttpDialect
{
    private const long LargestBody = 1 << 20;

    private readonly NginxPages _pages = new("1.22.1");
    private readonly NginxSite _site = new(site);

    public string Product => "nginx";

    public string Version => "1.22.1";

    public bool AnswersBeforeBody => true;

    public bool RefusesFieldsAtEnd => false;

    public HttpLimits Limits { get; } = new(
        LongestLine: 8190, MostFields: 1000, MostBlankLines: int.MaxValue, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(75), MostRequests: 1000);

    public bool RefusesBeginning(ReadOnlySpan<byte> line) => !IsBlank(line) && !NginxRequestLine.CanBegin(line);

    public bool IsBlank(ReadOnlySpan<byte> line) => line.IndexOfAnyExcept((byte)'\r') < 0;

    public RequestLine ReadRequestLine(ReadOnlySpan<byte> line)
    {
        var request = NginxRequestLine.Read(line.TrimStart((byte)'\r'));

        // A path that cannot be decoded is refused with the line that holds it, before the fields have come.
        return request.Fault is HttpFault.None && NginxSite.PathOf(request.Target) is null ? request with { Fault = HttpFault.Malformed } : request;
    }

    public bool TryReadField(ReadOnlySpan<byte> line, List<HeaderLine> fields)
    {
        line = line is [.., (byte)'\r'] ? line[..^1] : line;
        var colon = line.IndexOf((byte)':');
        var name = colon < 0 ? line : line[..colon];
        var value = colon < 0 ? [] : line[(colon + 1)..].Trim((byte)' ');
        if (name.IsEmpty || name.IndexOfAnyInRange((byte)0, (byte)' ') >= 0 || name.Contains((byte)0x7f) || value.ContainsAny((byte)0, (byte)'\r'))
        {
            return false;
        }

        // Names with other characters are "invalid" and passed over (ignore_invalid_headers), as are lines without a colon.
        var isPlain = colon >= 0 && name.IndexOfAnyExcept(Plain) < 0;
        fields.Add(new HeaderLine(Encoding.Latin1.GetString(name), Encoding.Latin1.GetString(value), IsIgnored: !isPlain));
        return true;
    }

    public HttpReply? Refuse(HttpFault fault, RequestLine? line, HttpPlace place) => fault switch
    {
        HttpFault.Timeout => null,
        _ when line is { IsHttp09: true } => new HttpReply(400, _pages.Html(400, padded: false), Closes: true),
        HttpFault.UriTooLong => Error(414, place, closes: true),
        HttpFault.VersionNotSupported => Error(505, place, closes: true),
        HttpFault.FieldTooLong or HttpFault.TooManyFields => Error(400, place, closes: true, detail: "Request Header Or Cookie Too Large"),
        _ => Error(400, place, closes: true),
    };

    public HttpPlan Plan(RequestHead head, HttpPlace place)
    {
        if (head.Line.IsHttp09)
        {
            return new HttpPlan(NginxSite.IsPage(head) ? _site.Bare() : new HttpReply(404, _pages.Html(404, padded: false), Closes: true));
        }

        if (NginxFraming.Fault(head) is { } status)
        {
            return new HttpPlan(Error(status, place, closes: true, head));
        }

        var body = NginxFraming.Of(head);
        if (head.Line.Method is "TRACE" or "CONNECT")
        {
            return new HttpPlan(Error(405, place, closes: true, head)) { Body = body };
        }

        if (body.Length > LargestBody)
        {
            return new HttpPlan(Error(413, place, closes: true, head)) { Body = body };
        }

        return Answer(head, place) with { Body = body };
    }

    private HttpPlan Answer(RequestHead head, HttpPlace place)
    {
        var closes = !IsKept(head, place);
        if (!NginxSite.IsPage(head))
        {
            return Refused(404);
        }

        if (head.Line.Method is not ("GET" or "HEAD"))
        {
            return Refused(405);
        }

        var reply = _site.Reply(head, place, closes, this);
        return new HttpPlan(reply)
        {
            SaysContinue = head.Line.IsAtLeast11 && head.Field("Expect")?.Equals("100-continue", StringComparison.OrdinalIgnoreCase) is true,
            BrokenBody = Error(400, place, closes: true, head),
        };

        // A chunked body that is broken is found before the answer is written: it says that the connection ends.
        HttpPlan Refused(int status) => new(Error(status, place, closes, head)) { BrokenBody = Error(status, place, closes: true, head) };
    }

    /// <summary>An error page with its fields, in nginx's order.</summary>
    /// <param name="head">Null before the fields were read: a browser's name is then not known.</param>
    internal HttpReply Error(int status, HttpPlace place, bool closes, RequestHead? head = null, string? detail = null, string? contentRange = null)
    {
        var html = _pages.Html(status, padded: head is not null && IsBrowser(head), detail);
        var zipped = head is not null && Zips(head) && contentRange is null;
        var writer = Begin(status, NginxPages.Reason(status), place).Field("Content-Type", "text/html");
        var bytes = (zipped, head?.Line.Method is "HEAD") switch
        {
            (true, true) => writer.Field("Connection", Word(closes)).Field("Content-Encoding", "gzip").End([]),
            (true, false) => writer.Field("Transfer-Encoding", "chunked").Field("Connection", Word(closes)).Field("Content-Encoding", "gzip").End(Chunk(html)),
            var (_, isHead) => writer.Field("Content-Length", html.Length.ToString(CultureInfo.InvariantCulture))
                .Field("Connection", Word(closes)).FieldIf(contentRange is not null, "Content-Range", contentRange ?? "").End(isHead ? [] : html),
        };
        return new HttpReply(status, bytes, closes);
    }

    internal HttpReplyWriter Begin(int status, string reason, HttpPlace place) =>
        new HttpReplyWriter(status, reason).Field("Server", _pages.Server).Field("Date", HttpDate.Format(place.Now));

    internal static string Word(bool closes) => closes ? "close" : "keep-alive";

    /// <summary>The packaged configuration compresses HTML for whoever speaks 1.1 and is no proxy.</summary>
    internal static bool Zips(RequestHead head) => head.Line.IsAtLeast11 && head.Field("Via") is null && Gzip.IsAccepted(head);

    internal static byte[] Chunk(byte[] html)
    {
        var zipped = Gzip.Compress(html, fastest: true);
        return [.. Encoding.ASCII.GetBytes($"{zipped.Length:x}\r\n"), .. zipped, .. "\r\n0\r\n\r\n"u8];
    }

    private bool IsKept(RequestHead head, HttpPlace place) => place.Request + 1 < Limits.MostRequests
        && !IsOldExplorerPosting(head)
        && (head.Line.IsAtLeast11 ? !head.Names("Connection", "close") : head.Names("Connection", "keep-alive"));

    /// <summary>keepalive_disable msie6, which is the default.</summary>
    private static bool IsOldExplorerPosting(RequestHead head) => head.Line.Method is "POST" && head.Field("User-Agent") is { } agent
        && (agent.Contains("MSIE 4.", StringComparison.Ordinal) || agent.Contains("MSIE 5.", StringComparison.Ordinal)
            || (agent.Contains("MSIE 6.", StringComparison.Ordinal) && !agent.Contains("SV1", StringComparison.Ordinal)));

    private static bool IsBrowser(RequestHead head) => head.Field("User-Agent") is { } agent
        && (agent.Contains("Chrome/", StringComparison.Ordinal) || (agent.Contains("MSIE ", StringComparison.Ordinal) && !agent.Contains("Opera", StringComparison.Ordinal)));

    private static readonly System.Buffers.SearchValues<byte> Plain =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"u8);

}
