using System.Text;

namespace Belljar.Decoys.Http.Apache;

/// <summary>Apache's answers that are not the site.</summary>
internal static class ApachePages
{
    private const string DocType = """<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN" "http://www.w3.org/TR/html4/strict.dtd">""";

    private static readonly Dictionary<int, (string Reason, string Text)> Known = new()
    {
        [400] = ("Bad Request", "<p>Your browser sent a request that this server could not understand.<br />\n{0}</p>\n"),
        [403] = ("Forbidden", "<p>You don't have permission to access this resource.</p>\n"),
        [404] = ("Not Found", "<p>The requested URL was not found on this server.</p>\n"),
        [405] = ("Method Not Allowed", "<p>The requested method {0} is not allowed for this URL.</p>\n"),
        [408] = ("Request Timeout", "<p>Server timeout waiting for the HTTP request from the client.</p>\n"),
        [412] = ("Precondition Failed", "<p>The precondition on the request for this URL evaluated to false.</p>\n"),
        [413] = ("Request Entity Too Large", "The requested resource does not allow request data with {0} requests, or the amount of data provided in\nthe request exceeds the capacity limit.\n"),
        [414] = ("Request-URI Too Long", "<p>The requested URL's length exceeds the capacity\nlimit for this server.<br />\n</p>\n"),
        [416] = ("Requested Range Not Satisfiable", "<p>None of the range-specifier values in the Range\nrequest-header field overlap the current extent\nof the selected resource.</p>\n"),
        [417] = ("Expectation Failed", "<p>The expectation given in the Expect request-header\nfield could not be met by this server.\nThe client sent<pre>\n    Expect: {0}\n</pre>\n</p><p>Only the 100-continue expectation is supported.</p>\n"),
        [501] = ("Not Implemented", "<p>{0} not supported for current URL.<br />\n</p>\n"),
    };

    public static string Reason(int status) => Known[status].Reason;

    /// <param name="server">The Server field.</param>
    /// <param name="address">Name and port as the signature shows them.</param>
    /// <param name="detail">What stands in the gap of some texts; Latin-1, not yet escaped.</param>
    public static byte[] Html(int status, string server, string address, string detail = "")
    {
        var (reason, text) = Known[status];
        return Encoding.Latin1.GetBytes($"""
            {DocType}
            <html><head>
            <title>{status} {reason}</title>
            </head><body>
            <h1>{reason}</h1>
            {text.Replace("{0}", Escape(detail), StringComparison.Ordinal)}<hr>
            <address>{server} Server at {Escape(address)}</address>
            </body></html>

            """);
    }

    /// <summary>ap_escape_html: four characters, and nothing else.</summary>
    private static string Escape(string text) => text
        .Replace("&", "&amp;", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal)
        .Replace(">", "&gt;", StringComparison.Ordinal)
        .Replace("\"", "&quot;", StringComparison.Ordinal);
}
