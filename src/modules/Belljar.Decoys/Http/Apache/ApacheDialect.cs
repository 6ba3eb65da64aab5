using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace Belljar.Decoys.Http.Apache;

/// <summary>Apache of Debian 12 with the packaged configuration, compared with 2.4.71.</summary>
internal sealed class ApacheDialect(DecoyIdentity identity, SitePage page) : IHttpDialect
{
    public const string Server = $"Apache/{Release} (Debian)";
    private const string Release = "2.4.71";
    private const long LargestBody = 1 << 30;
    private const int MostRequests = 101;
    private const string Methods = "GET,POST,OPTIONS,HEAD";

    private static readonly FrozenSet<string> KnownMethods = FrozenSet.ToFrozenSet(
    [
        "GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE", "CONNECT", "TRACE", "PATCH", "PROPFIND", "PROPPATCH", "MKCOL", "COPY", "MOVE",
        "LOCK", "UNLOCK", "VERSION-CONTROL", "CHECKOUT", "UNCHECKOUT", "CHECKIN", "UPDATE", "LABEL", "REPORT", "MKWORKSPACE", "MKACTIVITY",
        "BASELINE-CONTROL", "MERGE",
    ]);

    private readonly ApacheSite _site = new(page);

    // Where a name was never set Apache shows what the machine's own name resolves to, which Debian makes 127.0.1.1.
    private readonly string _ownName = identity.Hostname.Contains('.') ? identity.Hostname : "127.0.1.1";

    public string Product => "apache2";

    public string Version => Release;

    public bool AnswersBeforeBody => false;

    public bool RefusesFieldsAtEnd => true;

    public HttpLimits Limits { get; } = new(
        LongestLine: 8190, MostFields: 100, MostBlankLines: 10, TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(5), MostRequests);

    public bool RefusesBeginning(ReadOnlySpan<byte> line) => false;

    public bool IsBlank(ReadOnlySpan<byte> line) => line is [(byte)'\r'];

    public RequestLine ReadRequestLine(ReadOnlySpan<byte> line) => ApacheRequestLine.Read(line);

    public bool TryReadField(ReadOnlySpan<byte> line, List<HeaderLine> fields)
    {
        var text = Encoding.Latin1.GetString(line);
        if (!text.EndsWith('\r') || text.AsSpan(0, text.Length - 1).ContainsAny(Controls))
        {
            return false;
        }

        text = text[..^1];
        if (text[0] is ' ' or '\t')
        {
            if (fields.Count == 0)
            {
                return false;
            }

            // A folded line continues the field before it.
            fields[^1] = fields[^1] with { Value = $"{fields[^1].Value} {text.Trim()}" };
            return true;
        }

        var colon = text.IndexOf(':');
        if (colon < 0 || !ApacheRequestLine.IsToken(text[..colon]))
        {
            return false;
        }

        fields.Add(new HeaderLine(text[..colon], text[(colon + 1)..].Trim(' ', '\t'), IsIgnored: false));
        return true;
    }

    public HttpReply? Refuse(HttpFault fault, RequestLine? line, HttpPlace place) => fault switch
    {
        HttpFault.UriTooLong => Early(414, place),
        HttpFault.FieldTooLong => Early(400, place, "Size of a request header field exceeds server limit."),
        HttpFault.TooManyFields => Early(400, place, "The number of request header fields exceeds this server's limit."),
        HttpFault.Timeout => Early(408, place),
        _ => Early(400, place),
    };

    public HttpPlan Plan(RequestHead head, HttpPlace place)
    {
        if (head.Line.IsHttp09)
        {
            var isPage = UrlPath.TryResolve(head.Line.Target, out var bare) && ApacheSite.IsPage(bare);
            return new HttpPlan(isPage
                ? new HttpReply(200, page.Html, Closes: true)
                : new HttpReply(404, ApachePages.Html(404, Server, Address(null, place)), Closes: true));
        }

        if (ApacheTarget.Of(head) is not { } target || !ApacheFraming.TryRead(head, out var framing))
        {
            return new HttpPlan(Early(400, place));
        }

        var request = new ApacheRequest(head, target, place, Address(target, place), IsKept(head, place) && !framing.Closes);
        if (target.IsForeign)
        {
            return new HttpPlan(Error(400, request with { IsKept = false }));
        }

        if (framing.Body.Length > LargestBody)
        {
            return new HttpPlan(WithoutLength(413, request, head.Line.Method));
        }

        var expect = head.Line.IsAtLeast11 ? head.Field("Expect") : null;
        if (expect is not null && !expect.Equals("100-continue", StringComparison.OrdinalIgnoreCase))
        {
            // It closes without having said so.
            return new HttpPlan(Error(417, request with { IsKept = true }, expect) with { Closes = true });
        }

        return new HttpPlan(Answer(request))
        {
            Body = framing.Body,
            SaysContinue = expect is not null && !framing.Body.IsEmpty,
            BrokenBody = WithoutLength(400, request, ""),
        };
    }

    private HttpReply Answer(ApacheRequest request)
    {
        var method = request.Head.Line.Method;
        if (!KnownMethods.Contains(method))
        {
            return Error(501, request with { IsKept = false }, method, Methods);
        }

        if (request.Target.Path is "*")
        {
            return new HttpReply(200, Ended(Begin(200, "OK", request.Place).Field("Content-Length", "0"), request).End([]), !request.IsKept);
        }

        if (!UrlPath.TryResolve(request.Target.Path, out var path))
        {
            return Error(400, request with { IsKept = false });
        }

        return method switch
        {
            "TRACE" => Error(405, request, method, ""),
            "OPTIONS" => Options(request, path),
            not ("GET" or "HEAD" or "POST") => Error(405, request, method, Methods),
            _ when ApacheSite.IsPage(path) => _site.Reply(request),
            _ => Error(ApacheSite.StatusOf(path), request),
        };
    }

    private static HttpReply Options(ApacheRequest request, string path) => new(
        200,
        Ended(Begin(200, "OK", request.Place).Field("Allow", Methods).Field("Content-Length", "0"), request)
            .FieldIf(ApacheSite.IsPage(path), "Content-Type", "text/html").End([]),
        !request.IsKept);

    /// <summary>An error before Apache knew for which host the request was.</summary>
    private HttpReply Early(int status, HttpPlace place, string detail = "")
    {
        var html = ApachePages.Html(status, Server, Address(null, place), detail);
        return new HttpReply(status, Begin(status, ApachePages.Reason(status), place)
            .Field("Content-Length", html.Length.ToString(CultureInfo.InvariantCulture)).Field("Connection", "close")
            .Field("Content-Type", "text/html; charset=iso-8859-1").End(html), Closes: true);
    }

    /// <param name="allow">The Allow field; null for none.</param>
    private static HttpReply Error(int status, ApacheRequest request, string detail = "", string? allow = null)
    {
        var html = ApachePages.Html(status, Server, request.Address, detail);
        var isHead = request.Head.Line.Method is "HEAD";
        var writer = Begin(status, ApachePages.Reason(status), request.Place)
            .FieldIf(allow is not null, "Allow", allow ?? "")
            .FieldIf(!isHead, "Content-Length", html.Length.ToString(CultureInfo.InvariantCulture));
        return new HttpReply(
            status, Ended(writer, request).Field("Content-Type", "text/html; charset=iso-8859-1").End(isHead ? [] : html), !request.IsKept);
    }

    /// <summary>Errors found while a body is read have no length: the connection's end is theirs.</summary>
    private static HttpReply WithoutLength(int status, ApacheRequest request, string detail) => new(
        status,
        Begin(status, ApachePages.Reason(status), request.Place).Field("Connection", "close")
            .Field("Content-Type", "text/html; charset=iso-8859-1").End(ApachePages.Html(status, Server, request.Address, detail)),
        Closes: true);

    internal static HttpReplyWriter Begin(int status, string reason, HttpPlace place) =>
        new HttpReplyWriter(status, reason).Field("Date", HttpDate.Format(place.Now)).Field("Server", Server);

    /// <summary>What is said of the connection: nothing where 1.1 keeps it open anyway and was not asked.</summary>
    internal static HttpReplyWriter Ended(HttpReplyWriter writer, ApacheRequest request)
    {
        if (!request.IsKept)
        {
            return writer.Field("Connection", "close");
        }

        var left = MostRequests - 1 - request.Place.Request;
        return request.Head.Names("Connection", "keep-alive")
            ? writer.Field("Keep-Alive", $"timeout=5, max={left}").Field("Connection", "Keep-Alive")
            : writer;
    }

    private string Address(ApacheTarget? target, HttpPlace place) => $"{target?.Host ?? _ownName} Port {target?.Port ?? place.Port}";

    private static bool IsKept(RequestHead head, HttpPlace place) => place.Request + 1 < MostRequests
        && (head.Line.IsAtLeast11 ? !head.Names("Connection", "close") : head.Names("Connection", "keep-alive"));

    private static readonly System.Buffers.SearchValues<char> Controls =
        System.Buffers.SearchValues.Create([.. Enumerable.Range(0, 32).Where(c => c != '\t').Select(c => (char)c), '\u007f']);
}
