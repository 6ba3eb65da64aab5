using System.Globalization;
using System.Text;

namespace Belljar.Manifest;

/// <summary>Makes what a file says fit for one line on a terminal: no control or bidirectional characters, no endless text.</summary>
internal static class Shown
{
    private const int Longest = 60;

    public static string Quoted(string text) => $"'{Line(text)}'";

    public static string Line(string text)
    {
        var line = new StringBuilder(Math.Min(text.Length, Longest) + 1);
        foreach (var rune in text.EnumerateRunes())
        {
            if (line.Length >= Longest)
            {
                line.Append('…');
                break;
            }

            var printable = Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.OtherNotAssigned);
            line.Append(printable ? rune.ToString() : $"\\u{rune.Value:x4}");
        }

        return line.ToString();
    }
}
