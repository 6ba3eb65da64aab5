using System.Text;

namespace Belljar.Decoys.Http.Nginx;

/// <summary>nginx's answers that are not the site.</summary>
internal sealed class NginxPages(string version)
{
    // Long enough that a browser shows the page instead of one of its own.
    private const string Padding = "<!-- a padding to disable MSIE and Chrome friendly error page -->\r\n";

    private static readonly Dictionary<int, string> Reasons = new()
    {
        [400] = "Bad Request",
        [404] = "Not Found",
        [405] = "Not Allowed",
        [412] = "Precondition Failed",
        [413] = "Request Entity Too Large",
        [414] = "Request-URI Too Large",
        [416] = "Requested Range Not Satisfiable",
        [501] = "Not Implemented",
        [505] = "HTTP Version Not Supported",
    };

    public string Server { get; } = $"nginx/{version}";

    public static string Reason(int status) => Reasons[status];

    /// <param name="detail">A second line for some kinds of 400; null otherwise.</param>
    public byte[] Html(int status, bool padded, string? detail = null)
    {
        var text = $"{status} {Reasons[status]}";
        var html = new StringBuilder(320)
            .Append("<html>\r\n<head><title>").Append(detail is null ? text : $"{status} {detail}").Append("</title></head>\r\n")
            .Append("<body>\r\n<center><h1>").Append(text).Append("</h1></center>\r\n");
        if (detail is not null)
        {
            html.Append("<center>").Append(detail).Append("</center>\r\n");
        }

        html.Append("<hr><center>").Append(Server).Append("</center>\r\n</body>\r\n</html>\r\n");
        for (var i = 0; padded && i < 6; i++)
        {
            html.Append(Padding);
        }

        return Encoding.ASCII.GetBytes(html.ToString());
    }
}
