using System.Text;
using Belljar.Mail.Storage;

namespace Belljar.Mail.Reading;

/// <summary>Takes a message's file apart. The delimiter is one only on a line of its own.</summary>
/// <param name="Frontmatter">Null when the file does not begin with frontmatter, or its end is missing.</param>
internal readonly record struct FrontmatterText(string? Frontmatter, string Body)
{
    public static FrontmatterText Split(ReadOnlySpan<byte> file)
    {
        if (!TryFind(file, out var frontmatter, out var after))
        {
            return new FrontmatterText(null, Encoding.UTF8.GetString(file));
        }

        var body = file[after..];
        var rest = body;
        var isBlank = TakeLine(ref rest).Trim((byte)'\r').IsEmpty;
        return new FrontmatterText(Encoding.UTF8.GetString(file[frontmatter]), Encoding.UTF8.GetString(isBlank ? rest : body));
    }

    /// <param name="frontmatter">Between the delimiters' lines.</param>
    /// <param name="after">Where the line behind the second delimiter begins.</param>
    public static bool TryFind(ReadOnlySpan<byte> file, out Range frontmatter, out int after)
    {
        (frontmatter, after) = (default, 0);
        var rest = file.StartsWith("\uFEFF"u8) ? file[3..] : file;
        if (!IsDelimiter(TakeLine(ref rest)))
        {
            return false;
        }

        var start = file.Length - rest.Length;
        while (!rest.IsEmpty)
        {
            var end = file.Length - rest.Length;
            if (IsDelimiter(TakeLine(ref rest)))
            {
                (frontmatter, after) = (start..end, file.Length - rest.Length);
                return true;
            }
        }

        return false;
    }

    private static ReadOnlySpan<byte> TakeLine(ref ReadOnlySpan<byte> text)
    {
        var end = text.IndexOf((byte)'\n');
        var line = end < 0 ? text : text[..end];
        text = end < 0 ? default : text[(end + 1)..];
        return line;
    }

    private static bool IsDelimiter(ReadOnlySpan<byte> line)
    {
        var trimmed = line.TrimEnd(" \t\r"u8);
        return trimmed.Length == MessageFile.Delimiter.Length && Ascii.Equals(trimmed, MessageFile.Delimiter);
    }
}
