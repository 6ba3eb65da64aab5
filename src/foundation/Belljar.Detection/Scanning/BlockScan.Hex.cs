using Belljar.Detection.Decoding;

namespace Belljar.Detection.Scanning;

/// <summary>Hexadecimal digits, on end or with something between them.</summary>
internal sealed partial class BlockScan
{
    /// <summary><c>48:65:6c</c>, <c>48 65 6c</c>, <c>0x48, 0x65</c>.</summary>
    private void DecodeHexLists(ReadOnlySpan<byte> text, int from, int to, int depth)
    {
        const int Shortest = 34;
        var limit = Math.Min(text.Length, to + Beyond + (Beyond / 2));
        var at = from;
        while (Runs.TryNextHexList(text[..limit], at, to, Shortest, out var start, out var end))
        {
            DecodeHexList(text, start, end, depth);
            at = end + 1;
        }
    }

    private void DecodeHex(ReadOnlySpan<byte> run, int start, int depth)
    {
        for (var phase = 0; phase < 2 && run.Length - phase >= 2 * ShortestReadable; phase++)
        {
            var digits = run[phase..];
            digits = digits[..(digits.Length & ~1)];
            var output = _levels[depth].Decoded(digits.Length / 2);
            Convert.FromHexString(digits, output, out _, out var written);
            var decoded = output.AsSpan(0, written);
            if (!IsWorthDescending(decoded))
            {
                if (phase == 0)
                {
                    InflateDecoded(decoded, "hex", start, start + run.Length, depth, guesses: decoded.Length is >= 18 and not (20 or 28 or 32 or 48 or 64));
                }

                continue;
            }

            for (var i = Descend(decoded, depth); i < Found.Count; i++)
            {
                var found = Found[i];
                found.Wrap("hex", start + phase + (2 * found.Start), start + phase + (2 * found.End));
            }
        }
    }

    private void DecodeHexList(ReadOnlySpan<byte> text, int start, int end, int depth)
    {
        var level = _levels[depth];
        var output = level.Decoded(((end - start) / 2) + 1);
        level.Map.Clear();
        var written = 0;
        var at = start;
        while (at < end)
        {
            var digits = text[at..end].IndexOfAny(Runs.Hex);
            if (digits < 0)
            {
                break;
            }

            at += digits;
            if (text[at] == '0' && at + 1 < end && text[at + 1] is (byte)'x' or (byte)'X')
            {
                at += 2;
            }

            var length = text[at..end].IndexOfAnyExcept(Runs.Hex) is var stop and >= 0 ? stop : end - at;
            if (length == 2)
            {
                level.Map.Add(written, at, "");
                Convert.FromHexString(text.Slice(at, 2), output.AsSpan(written), out _, out _);
                written++;
            }
            else if (length > 0)
            {
                ScanHexList(level, output, written, depth);
                written = 0;
                level.Map.Clear();
            }

            at += Math.Max(1, length);
        }

        ScanHexList(level, output, written, depth);
    }

    private void ScanHexList(Level level, byte[] output, int written, int depth)
    {
        if (written < ShortestReadable || !IsWorthDescending(output.AsSpan(0, written)))
        {
            return;
        }

        for (var i = Descend(output.AsSpan(0, written), depth); i < Found.Count; i++)
        {
            var found = Found[i];
            found.Wrap("hex", level.Map.SourceOf(found.Start), level.Map.SourceOf(found.End - 1) + 2);
        }
    }
}
