using System.Globalization;
using Belljar.Mime;

namespace Belljar.Mail.Transfer;

/// <summary>A message out of somebody else's files, with what those said about it.</summary>
/// <param name="Raw">Its bytes; lines end with CRLF.</param>
internal sealed record ImportedMessage(byte[] Raw, DateTimeOffset ReceivedAt, string EnvelopeFrom, bool IsRead, IReadOnlyList<string> Labels)
{
    public const string Flagged = "flagged";
    public const string Answered = "answered";

    private static readonly string[] AscTime = ["ddd MMM d HH:mm:ss yyyy", "ddd MMM d HH:mm yyyy", "ddd MMM d HH:mm:ss yyyy zzz", "ddd MMM d HH:mm:ss zzz yyyy"];

    /// <summary>From mbox: the line that begins with "From " says who and when, the fields Status and X-Status how it was left.</summary>
    /// <param name="fromLine">Without "From ".</param>
    public static ImportedMessage OfMbox(string fromLine, byte[] raw, TimeProvider clock)
    {
        var message = MimeMessage.Parse(raw);
        var space = fromLine.IndexOf(' ', StringComparison.Ordinal);
        var sender = space < 0 ? fromLine : fromLine[..space];
        var status = (message.Headers["Status"]?.Text ?? "") + (message.Headers["X-Status"]?.Text ?? "");
        return new ImportedMessage(
            raw,
            (space < 0 ? null : ParseTime(fromLine[space..])) ?? message.Date ?? clock.GetUtcNow(),
            sender.Contains('@', StringComparison.Ordinal) ? sender : "",
            status.Contains('R', StringComparison.Ordinal),
            LabelsOf(status));
    }

    /// <summary>From Maildir: the name begins with a time, and ends with flags behind <c>:2,</c>.</summary>
    public static ImportedMessage OfMaildir(string name, DateTimeOffset written, byte[] raw)
    {
        var info = name.IndexOf(":2,", StringComparison.Ordinal);
        var flags = info < 0 ? "" : name[(info + 3)..];
        var digits = name.TakeWhile(char.IsAsciiDigit).Count();
        var time = digits is >= 9 and <= 11 && long.TryParse(name.AsSpan(0, digits), CultureInfo.InvariantCulture, out var seconds)
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : written;
        return new ImportedMessage(raw, time, "", flags.Contains('S', StringComparison.Ordinal), LabelsOf(flags.Replace('R', 'A')));
    }

    private static List<string> LabelsOf(string flags)
    {
        var labels = new List<string>();
        if (flags.Contains('F', StringComparison.Ordinal))
        {
            labels.Add(Flagged);
        }

        if (flags.Contains('A', StringComparison.Ordinal))
        {
            labels.Add(Answered);
        }

        return labels;
    }

    private static DateTimeOffset? ParseTime(string text)
    {
        var words = string.Join(' ', text.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        return DateTimeOffset.TryParseExact(words, AscTime, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time.ToUniversalTime() : null;
    }
}
