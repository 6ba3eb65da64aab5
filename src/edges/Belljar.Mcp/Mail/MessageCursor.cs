using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Belljar.Mail.Reading;

namespace Belljar.Mcp.Mail;

/// <summary>A place in a listing that stays valid when messages come or go: what was received before this one follows.</summary>
internal readonly record struct MessageCursor(DateTimeOffset ReceivedAt, string Id)
{
    public static string Of(MessageSummary last)
        => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{last.ReceivedAt.UtcTicks} {last.Id}")));

    public static MessageCursor Parse(string? text, out bool isValid)
    {
        isValid = true;
        if (text is null)
        {
            return new MessageCursor(DateTimeOffset.MaxValue, "");
        }

        var bytes = new byte[text.Length];
        isValid = Base64Url.TryDecodeFromChars(text, bytes, out var length);
        var parts = Encoding.UTF8.GetString(bytes, 0, isValid ? length : 0).Split(' ', 2);
        isValid &= parts.Length == 2 && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var ticks) && ticks <= DateTimeOffset.MaxValue.UtcTicks;
        return isValid ? new MessageCursor(new DateTimeOffset(long.Parse(parts[0], CultureInfo.InvariantCulture), TimeSpan.Zero), parts[1]) : default;
    }

    /// <summary>Listings are by time, and by id where that is the same.</summary>
    public bool IsBefore(MessageSummary message)
        => message.ReceivedAt < ReceivedAt || (message.ReceivedAt == ReceivedAt && string.CompareOrdinal(message.Id, Id) < 0);
}
