using System.Text;
using Belljar.Mail.Reading;

namespace Belljar.Mail.Transfer;

/// <param name="Raw">The original bytes; of a file that somebody wrote by hand, a plain message made of it.</param>
internal sealed record ExportedMessage(byte[] Raw, string EnvelopeFrom, DateTimeOffset ReceivedAt, string Id, bool IsRead, IReadOnlyList<string> Labels)
{
    public static ExportedMessage Of(StoredMessage message) => new(
        message.RawPath is { } raw ? File.ReadAllBytes(raw) : Compose(message),
        message.Frontmatter.GetString("envelope_from") ?? "",
        message.Summary.ReceivedAt,
        message.Summary.Id,
        message.Summary.IsRead,
        message.Frontmatter.GetStrings("labels") ?? []);

    /// <summary>Field values are one line each already (they are fit for a terminal), so none can begin another field.</summary>
    private static byte[] Compose(StoredMessage message)
    {
        var about = message.Summary;
        var text = new StringBuilder();

        void Field(string name, string value)
        {
            if (value.Length > 0)
            {
                text.Append(name).Append(": ").Append(value).Append("\r\n");
            }
        }

        Field("From", about.From);
        Field("To", about.To);
        Field("Subject", about.Subject);
        Field("Date", (about.Date ?? about.ReceivedAt).ToString("ddd, dd MMM yyyy HH:mm:ss ", System.Globalization.CultureInfo.InvariantCulture)
            + (about.Date ?? about.ReceivedAt).ToString("zzz", System.Globalization.CultureInfo.InvariantCulture).Replace(":", "", StringComparison.Ordinal));
        Field("MIME-Version", "1.0");
        Field("Content-Type", "text/markdown; charset=utf-8");
        Field("Content-Transfer-Encoding", "8bit");
        text.Append("\r\n").Append(message.Body.ReplaceLineEndings("\r\n"));
        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
