using System.Buffers;
using Belljar.Detection.Decoding;

namespace Belljar.Detection.Scanning;

/// <summary>Escapes of single characters: one region of text at a time, from some way before the first to some way after the last.</summary>
internal sealed partial class BlockScan
{
    /// <summary>Text around an escape that is decoded along with it.</summary>
    private const int Around = 512;

    private delegate bool EscapeReader(ReadOnlySpan<byte> text, int at, Span<byte> output, out Escape escape);

    private void DecodeEscapes(ReadOnlySpan<byte> text, int from, int to, int depth, SearchValues<byte> starts, EscapeReader tryDecode)
    {
        Span<byte> scratch = stackalloc byte[4];
        var at = from;
        while (at < to)
        {
            var found = text[at..to].IndexOfAny(starts);
            if (found < 0)
            {
                return;
            }

            at += found;
            if (tryDecode(text, at, scratch, out var escape) && escape.IsTrigger)
            {
                at = DecodeRegion(text, at, to, depth, starts, tryDecode);
            }
            else
            {
                at += Math.Max(1, escape.Length);
            }
        }
    }

    /// <summary>From some text before the first escape to some text after the last one that is not far from the one before.</summary>
    /// <returns>Where to look for the next.</returns>
    private int DecodeRegion(ReadOnlySpan<byte> text, int trigger, int to, int depth, SearchValues<byte> starts, EscapeReader tryDecode)
    {
        var from = Math.Max(0, trigger - Around);
        var furthest = Math.Min(text.Length, to + Beyond);
        var level = _levels[depth];
        var map = level.Map;
        var output = level.Buffer(furthest - from + 4);
        map.Clear();
        map.Add(0, from, "");
        var (read, written, last) = (from, 0, trigger);
        while (true)
        {
            var limit = Math.Min(furthest, last + Around);
            var next = read < limit ? text[read..limit].IndexOfAny(starts) : -1;
            var plain = next < 0 ? Math.Max(0, limit - read) : next;
            text.Slice(read, plain).CopyTo(output.AsSpan(written));
            read += plain;
            written += plain;
            if (next < 0)
            {
                break;
            }

            if (!tryDecode(text, read, output.AsSpan(written), out var escape))
            {
                output[written++] = text[read++];
                continue;
            }

            map.Add(written, read, escape.Kind);
            last = escape.IsTrigger ? read : last;
            read += escape.Length;
            written += escape.Decoded;
            map.Add(written, read, "");
        }

        for (var i = Descend(output.AsSpan(0, written), depth); i < Found.Count; i++)
        {
            var found = Found[i];
            found.Wrap(map.Kinds(found.Start, found.End) ?? map.Kinds(found.Start - Around, found.End + Around) ?? "escapes", map.SourceOf(found.Start), map.SourceEndOf(found.End));
        }

        return Math.Max(read, trigger + 1);
    }
}
