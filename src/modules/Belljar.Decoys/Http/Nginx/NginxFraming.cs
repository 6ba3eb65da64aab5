using System.Globalization;

namespace Belljar.Decoys.Http.Nginx;

/// <summary>What nginx demands of the fields that say for whom a request is and where it ends.</summary>
internal static class NginxFraming
{
    /// <returns>The status with which the request is refused; null when it is in order.</returns>
    public static int? Fault(RequestHead head)
    {
        if (head.Count("Host") > 1 || head.Count("Content-Length") > 1 || head.Count("Transfer-Encoding") > 1)
        {
            return 400;
        }

        var host = head.Field("Host");
        if (host is null ? head.Line.IsAtLeast11 : !IsHost(host))
        {
            return 400;
        }

        if (head.Field("Content-Length") is { } length && !long.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out _))
        {
            return 400;
        }

        if (head.Field("Transfer-Encoding") is not { } coding)
        {
            return null;
        }

        if (!head.Line.IsAtLeast11 || (IsChunked(coding) && head.Count("Content-Length") > 0))
        {
            return 400;
        }

        return IsChunked(coding) ? null : 501;
    }

    public static BodyFraming Of(RequestHead head) =>
        head.Field("Transfer-Encoding") is not null ? BodyFraming.Chunked
        : head.Field("Content-Length") is { } length ? new BodyFraming(long.Parse(length, CultureInfo.InvariantCulture))
        : BodyFraming.None;

    private static bool IsChunked(string coding) => coding.Equals("chunked", StringComparison.OrdinalIgnoreCase);

    /// <summary>ngx_http_validate_host: no separators, no two dots in a row, nothing empty before the port.</summary>
    private static bool IsHost(string host)
    {
        if (host.Length == 0 || host.Contains("..", StringComparison.Ordinal) || host.Any(c => c is <= ' ' or '/' or '\\' or '\u007f'))
        {
            return false;
        }

        return host[0] != ':' && host != ".";
    }
}
