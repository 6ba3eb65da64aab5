namespace Belljar.Detection.Scanning;

/// <summary>UTF-16 of ASCII, in either byte order.</summary>
internal sealed partial class BlockScan
{
    /// <summary>Letters with a zero byte after or before each.</summary>
    private void DecodeUtf16(ReadOnlySpan<byte> text, int from, int to, int depth)
    {
        var at = Math.Max(from, 1);
        while (at < to)
        {
            var zero = text[at..to].IndexOf((byte)0);
            if (zero < 0)
            {
                return;
            }

            at += zero;
            var start = at - 1;
            var end = start;
            while (end + 1 < text.Length && end < to + Beyond && text[end] != 0 && text[end] < 0x80 && text[end + 1] == 0)
            {
                end += 2;
            }

            if (end - start < 2 * ShortestReadable)
            {
                at = Math.Max(at + 1, end);
                var next = at < to ? text[at..to].IndexOfAnyExcept((byte)0) : -1;
                at = next < 0 ? to : at + (text[at] == 0 ? next : 0);
                continue;
            }

            // Big-endian text begins with its zero: its last letter stands beyond the last pair.
            var letters = (end - start) / 2;
            var isCut = end < text.Length && text[end] is > 0 and < 0x80;
            var output = _levels[depth].Buffer(letters + 1);
            for (var i = 0; i < letters; i++)
            {
                output[i] = text[start + (2 * i)];
            }

            if (isCut)
            {
                output[letters++] = text[end];
            }

            for (var i = Descend(output.AsSpan(0, letters), depth); i < Found.Count; i++)
            {
                var found = Found[i];
                found.Wrap("utf-16", start + (2 * found.Start), Math.Min(text.Length, start + (2 * found.End)));
            }

            at = end + 1;
        }
    }
}
