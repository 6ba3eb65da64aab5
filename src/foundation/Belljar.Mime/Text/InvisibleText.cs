using System.Buffers;
using System.Text;

namespace Belljar.Mime.Text;

/// <summary>Characters that a reader does not see and a machine does.</summary>
internal static class InvisibleText
{
    private const int BlackFlag = 0x1F3F4;
    private const int FirstTag = 0xE0000;
    private const int LastTag = 0xE007F;

    /// <summary>The invisible ones, and the first half of every tag character.</summary>
    private static readonly SearchValues<char> Suspects = SearchValues.Create("\u200B\u2060\uFEFF\u00AD\u034F\uDB40");

    /// <summary>
    /// Takes out tag characters (U+E0000 to U+E007F: a whole ASCII alphabet without glyphs), but for those of flags, and the
    /// zero-width padding of advertisements. Joiners stay: languages need them.
    /// </summary>
    /// <param name="text">What to clean.</param>
    /// <param name="smuggled">What the tag characters spell in ASCII.</param>
    public static string Remove(string text, out string smuggled)
    {
        smuggled = "";
        if (!text.AsSpan().ContainsAny(Suspects))
        {
            return text;
        }

        var kept = new StringBuilder(text.Length);
        var spelled = new StringBuilder();
        var inFlag = false;
        foreach (var rune in text.EnumerateRunes())
        {
            var isTag = rune.Value is >= FirstTag and <= LastTag;
            inFlag = rune.Value == BlackFlag || (inFlag && isTag);
            if (isTag && !inFlag)
            {
                spelled.Append(rune.Value - FirstTag is >= ' ' and < 0x7F and var ascii ? (char)ascii : ' ');
            }
            else if (rune.Value is not (0x200B or 0x2060 or 0xFEFF or 0x00AD or 0x034F))
            {
                kept.Append(rune.ToString());
            }
        }

        smuggled = spelled.ToString();
        return kept.ToString();
    }
}
