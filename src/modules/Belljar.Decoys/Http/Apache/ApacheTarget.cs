using System.Globalization;

namespace Belljar.Decoys.Http.Apache;

/// <summary>For whom a request is and what it asks for, as Apache reads target and Host.</summary>
/// <param name="Host">Lower case; null when the request names none.</param>
/// <param name="Port">As written; null when it was not.</param>
/// <param name="Path">What stands before the query; <c>*</c> for OPTIONS.</param>
internal sealed record ApacheTarget(string? Host, int? Port, string Path)
{
    /// <summary>An absolute URI of a scheme that is not ours; it is refused, in the name of its host.</summary>
    public bool IsForeign { get; private init; }

    /// <returns>Null when the request is refused.</returns>
    public static ApacheTarget? Of(RequestHead head)
    {
        var target = head.Line.Target;
        if (target.Contains('#') || head.Count("Host") > 1)
        {
            return null;
        }

        var named = head.Field("Host");
        if (named is null ? head.Line.IsAtLeast11 : !TryHost(named, out _, out _))
        {
            return null;
        }

        if (head.Line.Method is "CONNECT")
        {
            return target.Contains(':') && TryHost(target, out var host, out var port) ? new ApacheTarget(host, port, "/") : null;
        }

        if (target[0] == '/' || (target is "*" && head.Line.Method is "OPTIONS"))
        {
            TryHost(named ?? "", out var host, out var port);
            return new ApacheTarget(named is null ? null : host, port, WithoutQuery(target));
        }

        return OfAbsolute(target);
    }

    private static ApacheTarget? OfAbsolute(string target)
    {
        var colon = target.IndexOf("://", StringComparison.Ordinal);
        if (colon < 1)
        {
            return null;
        }

        var isForeign = !target[..colon].Equals("http", StringComparison.OrdinalIgnoreCase)
            && !target[..colon].Equals("https", StringComparison.OrdinalIgnoreCase);
        var scheme = colon + 3;
        var end = target.IndexOfAny(['/', '?'], scheme);
        var authority = end < 0 ? target[scheme..] : target[scheme..end];
        var path = end < 0 || target[end] == '?' ? "/" : WithoutQuery(target[end..]);
        if (authority.Length == 0)
        {
            return new ApacheTarget("", null, path);
        }

        return TryHost(authority, out var host, out var port) ? new ApacheTarget(host, port, path) { IsForeign = isForeign } : null;
    }

    private static string WithoutQuery(string target) => target.IndexOf('?') is >= 0 and var end ? target[..end] : target;

    private static bool TryHost(string text, out string host, out int? port)
    {
        (host, port) = ("", null);
        var bracket = text.StartsWith('[') ? text.IndexOf(']') : -1;
        var colon = text.IndexOf(':', Math.Max(bracket, 0));
        var name = colon < 0 ? text : text[..colon];
        if (colon >= 0)
        {
            if (!int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number is 0 or > 65535)
            {
                return false;
            }

            port = number;
        }

        if (bracket >= 0)
        {
            host = name.Trim('[', ']').ToLowerInvariant();
            return bracket == name.Length - 1 && System.Net.IPAddress.TryParse(host, out _);
        }

        host = name.TrimEnd('.').ToLowerInvariant();
        return host.Length > 0 && !host.Contains("..", StringComparison.Ordinal) && host[0] != '.'
            && host.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_');
    }
}
