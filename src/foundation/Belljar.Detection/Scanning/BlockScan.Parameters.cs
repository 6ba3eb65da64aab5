using System.Buffers;

namespace Belljar.Detection.Scanning;

/// <summary>A secret cut up into the values of adjacent parameters: <c>a=ghp_0123&amp;b=4567</c>.</summary>
internal sealed partial class BlockScan
{
    private const int MostParameters = 8;
    private const int LongestValue = 1024;
    private const int LongestName = 64;

    private static readonly SearchValues<byte> ValueEnds = SearchValues.Create("&;?#=\"'<> \t\r\n"u8);

    private void DecodeParameters(ReadOnlySpan<byte> text, int from, int to, int depth)
    {
        var at = from;
        while (at < to)
        {
            var found = text[at..to].IndexOf((byte)'&');
            if (found < 0)
            {
                return;
            }

            at += found;
            if (TryValueBefore(text, at, out var start) && TryValueAfter(text, at, out _, out _))
            {
                JoinValues(text, start, at, depth);
            }

            at++;
        }
    }

    /// <summary>Joins the value before the place with those after it: two, three, up to eight.</summary>
    private void JoinValues(ReadOnlySpan<byte> text, int start, int end, int depth)
    {
        var level = _levels[depth];
        var output = level.Buffer(MostParameters * LongestValue);
        var map = level.Map;
        map.Clear();
        map.Add(0, start, "");
        text[start..end].CopyTo(output);
        var written = end - start;
        var first = written;
        for (var count = 2; count <= MostParameters && TryValueAfter(text, end, out start, out var stop); count++)
        {
            map.Add(written, start, "");
            text[start..stop].CopyTo(output.AsSpan(written));
            var before = written;
            written += stop - start;
            end = stop;
            var known = Descend(output.AsSpan(0, written), depth);
            for (var i = Found.Count - 1; i >= known; i--)
            {
                // What does not reach from the first value into the last was or will be found otherwise.
                var found = Found[i];
                if (found.Start >= first || found.End <= before)
                {
                    Found.RemoveAt(i);
                    continue;
                }

                found.Wrap("parameters", map.SourceOf(found.Start), map.SourceOf(found.End - 1) + 1);
            }
        }
    }

    private static bool TryValueBefore(ReadOnlySpan<byte> text, int ampersand, out int start)
    {
        var before = text[Math.Max(0, ampersand - LongestValue)..ampersand];
        var delimiter = before.LastIndexOfAny(ValueEnds);
        start = ampersand - (before.Length - delimiter - 1);
        return delimiter >= 0 && before[delimiter] == '=' && start < ampersand;
    }

    private static bool TryValueAfter(ReadOnlySpan<byte> text, int ampersand, out int start, out int end)
    {
        (start, end) = (0, 0);
        if (ampersand >= text.Length || text[ampersand] != '&')
        {
            return false;
        }

        var name = text[(ampersand + 1)..Math.Min(text.Length, ampersand + 1 + LongestName)];
        var equals = name.IndexOfAny(ValueEnds);
        if (equals <= 0 || name[equals] != '=')
        {
            return false;
        }

        start = ampersand + 1 + equals + 1;
        var value = text[start..Math.Min(text.Length, start + LongestValue)];
        var length = value.IndexOfAny(ValueEnds) is var stop and >= 0 ? stop : value.Length;
        end = start + length;
        return length is > 0 and < LongestValue;
    }
}
