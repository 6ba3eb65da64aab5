using System.Globalization;
using System.Text;

namespace Belljar.Protocols.Aimx;

/// <summary>The three shapes of an answer, and the refusal, as they travel.</summary>
public static class AimxReply
{
    private const int LongestReason = 1000;

    /// <summary>Done, and there is nothing to tell.</summary>
    public static byte[] Ok { get; } = "AIMX/1 OK\n"u8.ToArray();

    /// <summary>Taken, under this Message-ID (with its angle brackets or without, as the message has it).</summary>
    public static byte[] Accepted(string messageId) => Encoding.UTF8.GetBytes($"AIMX/1 OK {Harmless(messageId)}\n");

    /// <summary>Done, and this is the answer.</summary>
    public static byte[] Json(ReadOnlySpan<byte> json)
    {
        var head = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"AIMX/1 OK\nContent-Length: {json.Length}\n\n"));
        return [.. head, .. json];
    }

    public static byte[] Refusal(AimxError error)
        => Encoding.UTF8.GetBytes($"AIMX/1 ERR {error.Code.Word()} {Harmless(error.Reason)}\nCode: {error.Code.Word()}\n\n");

    /// <summary>What a request brought can forge no line of the reply, nor reprogram the terminal that shows it.</summary>
    private static string Harmless(string text)
    {
        var harmless = new StringBuilder(Math.Min(text.Length, LongestReason));
        foreach (var rune in text.EnumerateRunes())
        {
            if (harmless.Length >= LongestReason)
            {
                break;
            }

            if (Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Format))
            {
                harmless.Append(rune);
            }
        }

        return harmless.ToString();
    }
}
