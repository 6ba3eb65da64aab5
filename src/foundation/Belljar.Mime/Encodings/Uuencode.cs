using System.Text;
using Belljar.Mime.Text;

namespace Belljar.Mime.Encodings;

/// <summary>A file in uuencode (POSIX): lines between <c>begin 644 name</c> and <c>end</c>.</summary>
/// <param name="FileName">As the sender wrote it: not safe as the name of a file.</param>
/// <param name="Start">First character of the <c>begin</c> line.</param>
/// <param name="Length">Characters up to and with the <c>end</c> line.</param>
internal sealed record UuencodedFile(string FileName, int Start, int Length);

internal static class Uuencode
{
    private const int LongestName = 500;

    /// <summary>Finds files in a text with LF line ends. A file without its end is no file.</summary>
    public static List<UuencodedFile> Find(string text, int most)
    {
        var files = new List<UuencodedFile>();
        var at = 0;
        while (files.Count < most && NextBegin(text, at) is { } begin)
        {
            var end = EndOf(text, begin.Body);
            if (end < 0)
            {
                at = begin.Body;
                continue;
            }

            files.Add(new UuencodedFile(begin.Name, begin.Start, end - begin.Start));
            at = end;
        }

        return files;
    }

    /// <summary>Decodes the first file in the bytes; nothing and a fault where there is none.</summary>
    public static ReadOnlyMemory<byte> Decode(ReadOnlySpan<byte> bytes, ref MimeDefectKind? fault)
    {
        var text = LineEnds.ToLf(Encoding.Latin1.GetString(bytes));
        if (Find(text, 1) is not [var file])
        {
            fault = MimeDefectKind.InvalidUuencode;
            return bytes.ToArray();
        }

        return Decode(text.AsSpan(file.Start, file.Length));
    }

    /// <summary>Decodes what <see cref="Find"/> found.</summary>
    public static byte[] Decode(ReadOnlySpan<char> file)
    {
        var output = new List<byte>(file.Length * 3 / 4);
        foreach (var range in file[(file.IndexOf('\n') + 1)..].Split('\n'))
        {
            var line = file[(file.IndexOf('\n') + 1)..][range];
            if (line.IsEmpty || line is "end")
            {
                continue;
            }

            var length = (line[0] - ' ') & 63;
            for (var at = 1; length > 0; at += 4, length -= 3)
            {
                var quantum = (Sextet(line, at) << 18) | (Sextet(line, at + 1) << 12) | (Sextet(line, at + 2) << 6) | Sextet(line, at + 3);
                for (var octet = 0; octet < Math.Min(length, 3); octet++)
                {
                    output.Add((byte)(quantum >> (16 - (8 * octet))));
                }
            }
        }

        return [.. output];
    }

    /// <summary>Trailing spaces get lost on the way: what is missing is zero.</summary>
    private static int Sextet(ReadOnlySpan<char> line, int at) => at < line.Length ? (line[at] - ' ') & 63 : 0;

    private static (int Start, int Body, string Name)? NextBegin(string text, int from)
    {
        while (from < text.Length && text.IndexOf("begin ", from, StringComparison.Ordinal) is >= 0 and var start)
        {
            var end = text.IndexOf('\n', start);
            if (end < 0)
            {
                return null;
            }

            from = start + 1;
            var line = text.AsSpan(start, end - start);
            var mode = line.Length > 10 ? line[6..].IndexOf(' ') : -1;
            if ((start == 0 || text[start - 1] == '\n') && mode is 3 or 4 && !line.Slice(6, mode).ContainsAnyExceptInRange('0', '7') && line.Length < LongestName)
            {
                return (start, end + 1, line[(7 + mode)..].Trim().ToString());
            }
        }

        return null;
    }

    /// <summary>Behind the <c>end</c> line, if all lines before it are data; -1 if not.</summary>
    private static int EndOf(string text, int at)
    {
        while (at < text.Length)
        {
            var newline = text.IndexOf('\n', at);
            var line = text.AsSpan(at, (newline < 0 ? text.Length : newline) - at).TrimEnd('\r');
            at = newline < 0 ? text.Length : newline + 1;
            if (line is "end")
            {
                return at;
            }

            if (!line.IsEmpty && (line[0] is < ' ' or > '`' || line.ContainsAnyExceptInRange(' ', '`') || line.Length > 1 + 84 + 4))
            {
                return -1;
            }
        }

        return -1;
    }
}
