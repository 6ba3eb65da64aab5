using System.Text;

namespace Belljar.Mime.Text;

/// <summary>RFC 3676: <c>format=flowed</c>.</summary>
internal static class FlowedText
{
    /// <summary>Joins soft-broken lines into paragraphs; quoted ones begin with <c>&gt; </c> for each level.</summary>
    /// <param name="text">Lines ending in LF.</param>
    /// <param name="delSp">The parameter <c>DelSp=yes</c>: the space before a soft break is not part of the text.</param>
    public static string Join(string text, bool delSp)
    {
        var joined = new StringBuilder(text.Length);
        var (isOpen, openDepth) = (false, 0);
        var isFirst = true;
        foreach (var range in text.AsSpan().Split('\n'))
        {
            var line = text.AsSpan()[range];
            var depth = line.IndexOfAnyExcept('>');
            depth = depth < 0 ? line.Length : depth;
            line = line[depth..];
            line = line.StartsWith(' ') ? line[1..] : line;

            // 4.3: the signature separator is fixed although it ends in a space.
            var isSignature = line is "-- ";
            if (!isOpen || depth != openDepth || isSignature)
            {
                joined.Append(isFirst ? "" : "\n").Append('>', depth).Append(depth > 0 && !line.IsEmpty ? " " : "");
            }

            (isFirst, openDepth) = (false, depth);
            isOpen = !isSignature && line.EndsWith(' ');
            joined.Append(isOpen && delSp ? line[..^1] : line);
        }

        return joined.ToString();
    }
}
