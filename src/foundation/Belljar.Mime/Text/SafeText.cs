using System.Globalization;
using System.Text;

namespace Belljar.Mime.Text;

/// <summary>Text from outside, made fit to stand among text that is trusted.</summary>
public static class SafeText
{
    private const int MostMarks = 4;

    /// <summary>
    /// One line of at most <paramref name="most"/> characters: runs of white space become one space; controls, bidirectional
    /// marks and invisible characters are spelled out (<c>[U+202E]</c>), so that two texts that differ look different; no more
    /// than four combining marks stand on one letter.
    /// </summary>
    public static string OneLine(string text, int most)
    {
        var line = new StringBuilder();
        var marks = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (line.Length >= most)
            {
                line.Append('…');
                break;
            }

            var category = Rune.GetUnicodeCategory(rune);
            var isMark = category is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark;
            marks = isMark ? marks + 1 : 0;
            if (rune.Value is '\t' or '\n' or '\r' || category == UnicodeCategory.SpaceSeparator)
            {
                line.Append(line.Length == 0 || line[^1] == ' ' ? "" : " ");
            }
            else if (IsUnseen(rune, category))
            {
                AppendSpelled(line, rune);
            }
            else if (marks <= MostMarks)
            {
                line.Append(rune.ToString());
            }
        }

        return line.ToString().TrimEnd(' ');
    }

    /// <summary>Controls, format characters (bidirectional marks, zero width), line separators, fillers, and what has no glyph.</summary>
    public static bool IsUnseen(Rune rune) => IsUnseen(rune, Rune.GetUnicodeCategory(rune));

    internal static string SpellOutNonAscii(string text)
    {
        var spelled = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            _ = rune.IsAscii ? spelled.Append((char)rune.Value) : AppendSpelled(spelled, rune);
        }

        return spelled.ToString();
    }

    private static StringBuilder AppendSpelled(StringBuilder line, Rune rune) =>
        line.Append("[U+").Append(rune.Value.ToString("X4", CultureInfo.InvariantCulture)).Append(']');

    private static bool IsUnseen(Rune rune, UnicodeCategory category) =>
        category is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
            or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
        || rune.Value is 0x034F or 0x115F or 0x1160 or 0x3164 or 0xFFA0 or 0x2800 or (>= 0x180B and <= 0x180F) or (>= 0xFE00 and <= 0xFE0E) or (>= 0xE0100 and <= 0xE01EF);
}
