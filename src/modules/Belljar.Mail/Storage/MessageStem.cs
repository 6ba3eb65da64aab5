using System.Globalization;
using System.Text;

namespace Belljar.Mail.Storage;

/// <summary>A message's name: <c>YYYY-MM-DD-HHMMSS-slug</c>, UTC. It is the message's id within its mailbox.</summary>
internal static class MessageStem
{
    private const string TimeFormat = "yyyy-MM-dd-HHmmss";
    private const int LongestSlug = 20;

    public static string Of(DateTimeOffset received, string? subject) =>
        $"{received.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture)}-{Slug(subject)}";

    /// <summary>The n-th message of the same name: from the second on it is numbered.</summary>
    public static string Numbered(string stem, int n) => n == 1 ? stem : string.Create(CultureInfo.InvariantCulture, $"{stem}-{n}");

    /// <summary>The time in a name; null in a name that was not given here.</summary>
    public static DateTimeOffset? TimeOf(string stem) =>
        stem.Length > TimeFormat.Length
        && DateTimeOffset.TryParseExact(stem.AsSpan(0, TimeFormat.Length), TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : null;

    /// <summary>Ids come from outside too; none may lead out of its folder or to a file that is not finished.</summary>
    public static bool IsSafe(string id) =>
        id.Length is > 0 and <= 200 && id[0] != '.' && id != "raw" && !id.AsSpan().ContainsAny("/\\\0") && !id.Contains("..", StringComparison.Ordinal);

    /// <summary>NFC, lower case; Unicode letters and digits stay, every other run is one hyphen; the first 20 characters.</summary>
    public static string Slug(string? subject)
    {
        var slug = new StringBuilder();
        var length = 0;
        var gap = false;
        foreach (var rune in Normalized(subject).EnumerateRunes())
        {
            if (!Rune.IsLetter(rune) && !Rune.IsDigit(rune))
            {
                gap = slug.Length > 0;
                continue;
            }

            if (length + (gap ? 1 : 0) >= LongestSlug)
            {
                break;
            }

            length += gap ? 2 : 1;
            slug.Append(gap ? "-" : "").Append(Rune.ToLowerInvariant(rune).ToString());
            gap = false;
        }

        return slug.Length == 0 ? "no-subject" : slug.ToString();
    }

    /// <summary>Half of a surrogate pair and the non-character U+FFFE are U+FFFD first: normalising would throw.</summary>
    private static string Normalized(string? text) =>
        string.Concat((text ?? "").EnumerateRunes().Take(1000).Select(rune => rune.ToString())).Replace('\uFFFE', '\uFFFD').Normalize(NormalizationForm.FormC);
}
