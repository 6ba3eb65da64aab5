using System.Globalization;
using System.Text;

namespace Belljar.Mail.Storage;

/// <summary>
/// Names for attachments, out of what senders wrote: the base name, NFC; separators, controls, bidirectional and
/// invisible characters become <c>_</c>; at most 200 bytes; never empty; numbered where two are alike.
/// </summary>
internal sealed class AttachmentNames
{
    private const int LongestName = 200;
    private const int LongestExtension = 20;

    private readonly HashSet<string> _taken = new(StringComparer.OrdinalIgnoreCase);

    /// <param name="reserved">The message's own file.</param>
    public AttachmentNames(string reserved) => _taken.Add(reserved);

    /// <param name="written">As the sender wrote it; may be null.</param>
    /// <param name="fallback">For a name of which nothing is left.</param>
    public string Take(string? written, string fallback)
    {
        var name = Clean(written);
        name = name.Length == 0 ? fallback : name;
        var stem = Path.GetFileNameWithoutExtension(name);
        var extension = Path.GetExtension(name);
        if (stem.Length == 0 || Encoding.UTF8.GetByteCount(extension) > LongestExtension)
        {
            (stem, extension) = (name, "");
        }

        for (var n = 1; ; n++)
        {
            var ending = n == 1 ? extension : string.Create(CultureInfo.InvariantCulture, $"-{n}{extension}");
            var candidate = Shorten(stem, LongestName - Encoding.UTF8.GetByteCount(ending)) + ending;
            if (_taken.Add(candidate))
            {
                return candidate;
            }
        }
    }

    private static string Clean(string? written)
    {
        var text = string.Concat((written ?? "").EnumerateRunes().Select(rune => rune.ToString())).Replace('\uFFFE', '_').Normalize(NormalizationForm.FormC);
        text = text[(text.LastIndexOfAny(['/', '\\']) + 1)..];
        var name = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            name.Append(IsPlain(rune) ? rune.ToString() : "_");
        }

        // "." and ".." are folders, and a first dot would hide the file.
        var trimmed = name.ToString().Trim(' ');
        return trimmed.StartsWith('.') ? "_" + trimmed.TrimStart('.') : trimmed;
    }

    private static bool IsPlain(Rune rune) => Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.PrivateUse or UnicodeCategory.Surrogate or UnicodeCategory.OtherNotAssigned)
        && rune.Value is not (':' or 0x034F or 0x115F or 0x1160 or 0x3164 or 0xFFA0 or 0xFFFD);

    private static string Shorten(string text, int bytes)
    {
        var length = 0;
        var end = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            length += rune.Utf8SequenceLength;
            if (length > bytes)
            {
                break;
            }

            end += rune.Utf16SequenceLength;
        }

        return text[..end];
    }
}
