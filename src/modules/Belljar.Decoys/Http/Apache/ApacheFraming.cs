using System.Globalization;

namespace Belljar.Decoys.Http.Apache;

/// <summary>Where a request ends, as Apache sees it.</summary>
/// <param name="Body">How its body is delimited.</param>
/// <param name="Closes">Length and coding together: the coding wins, and the connection is not trusted any further.</param>
internal readonly record struct ApacheFraming(BodyFraming Body, bool Closes)
{
    /// <returns>False when the request is refused.</returns>
    public static bool TryRead(RequestHead head, out ApacheFraming framing)
    {
        framing = new ApacheFraming(BodyFraming.None, Closes: false);
        var length = head.Field("Content-Length");
        if (head.Field("Transfer-Encoding") is { } coding)
        {
            var last = coding.Split(',', StringSplitOptions.TrimEntries)[^1];
            framing = new ApacheFraming(BodyFraming.Chunked, Closes: length is not null || !head.Line.IsAtLeast11);
            return last.Equals("chunked", StringComparison.OrdinalIgnoreCase);
        }

        if (length is null)
        {
            return true;
        }

        var isNumber = long.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var number);
        framing = new ApacheFraming(new BodyFraming(number), Closes: false);
        return isNumber && head.Count("Content-Length") == 1;
    }
}
