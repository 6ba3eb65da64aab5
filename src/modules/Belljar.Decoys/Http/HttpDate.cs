using System.Globalization;

namespace Belljar.Decoys.Http;

/// <summary>Times in headers (RFC 9110 §5.6.7).</summary>
internal static class HttpDate
{
    public static string Format(DateTimeOffset time) => time.ToString("r", CultureInfo.InvariantCulture);

    public static DateTimeOffset? Parse(string? text) =>
        DateTimeOffset.TryParseExact(text, "r", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
}
