using System.Globalization;
using System.Text;

namespace Belljar.Web.Html;

/// <summary>
/// Hostile text made fit for a page: markup becomes text, and what would be invisible or turn the line around
/// (control characters, bidirectional controls, zero-width characters, halves of surrogate pairs) is written out.
/// </summary>
internal static class VisibleText
{
    public static void Append(StringBuilder page, ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            var status = Rune.DecodeFromUtf16(text, out var rune, out var consumed);
            if (status is System.Buffers.OperationStatus.Done)
            {
                Append(page, rune);
            }
            else
            {
                AppendCode(page, text[0]);
            }

            text = text[Math.Max(consumed, 1)..];
        }
    }

    private static void Append(StringBuilder page, Rune rune)
    {
        switch (rune.Value)
        {
            case '&':
                page.Append("&amp;");
                break;
            case '<':
                page.Append("&lt;");
                break;
            case '>':
                page.Append("&gt;");
                break;
            case '"':
                page.Append("&quot;");
                break;
            case '\'':
                page.Append("&#39;");
                break;
            case var _ when IsHidden(rune):
                AppendCode(page, rune.Value);
                break;
            default:
                page.Append(rune.ToString());
                break;
        }
    }

    private static bool IsHidden(Rune rune) => rune.Value is 0x115f or 0x1160 or 0x3164 or 0xffa0 or 0x2800
        || (rune.Value is (>= 0xfe00 and <= 0xfe0f) or (>= 0xe0000 and <= 0xe0fff))
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
            or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.Surrogate;

    private static void AppendCode(StringBuilder page, int value) =>
        page.Append("\\u{").Append(value.ToString("x", CultureInfo.InvariantCulture)).Append('}');
}
