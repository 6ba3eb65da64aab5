namespace Belljar.Detection.Decoding;

/// <summary>
/// Inflates (RFC 1951) the first few bytes, without allocating, to see whether something is deflate at all: it has no magic
/// number, and setting up the real decoder for every random-looking string would be the slowest part of a scan.
/// </summary>
internal ref struct DeflateProbe(ReadOnlySpan<byte> input)
{
    private const int LongestCode = 15;

    private readonly ReadOnlySpan<byte> _input = input;
    private int _bit;

    private static ReadOnlySpan<byte> LengthOrder => [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

    private static ReadOnlySpan<short> LengthBase => [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258];

    private static ReadOnlySpan<byte> LengthExtra => [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];

    private static ReadOnlySpan<short> DistanceBase => [1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577];

    private static ReadOnlySpan<byte> DistanceExtra => [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13];

    /// <param name="output">As much as is wanted.</param>
    /// <returns>How many bytes came out before the end or the first mistake; 0 where the first block is not compressed.</returns>
    public int Read(scoped Span<byte> output)
    {
        Bits(1);
        Span<byte> lengths = stackalloc byte[320];
        lengths.Clear();
        var kind = Bits(2);
        int literals;
        int distances;
        switch (kind)
        {
            case 1:
                lengths[..144].Fill(8);
                lengths[144..256].Fill(9);
                lengths[256..280].Fill(7);
                lengths[280..288].Fill(8);
                lengths[288..318].Fill(5);
                (literals, distances) = (288, 30);
                break;
            case 2 when TryReadLengths(lengths, out literals, out distances):
                break;
            default:
                return 0;
        }

        Span<short> literalCounts = stackalloc short[LongestCode + 1];
        Span<short> literalSymbols = stackalloc short[320];
        Span<short> distanceCounts = stackalloc short[LongestCode + 1];
        Span<short> distanceSymbols = stackalloc short[320];
        if (!TryBuild(lengths[..literals], literalCounts, literalSymbols)
            || !TryBuild(lengths.Slice(literals, distances), distanceCounts, distanceSymbols))
        {
            return 0;
        }

        var written = 0;
        while (written < output.Length)
        {
            var symbol = Symbol(literalCounts, literalSymbols);
            if (symbol is < 0 or 256 or > 285)
            {
                return symbol == 256 ? written : 0;
            }

            if (symbol < 256)
            {
                output[written++] = (byte)symbol;
                continue;
            }

            var length = LengthBase[symbol - 257] + Bits(LengthExtra[symbol - 257]);
            var code = Symbol(distanceCounts, distanceSymbols);
            if (code is < 0 or >= 30)
            {
                return 0;
            }

            var distance = DistanceBase[code] + Bits(DistanceExtra[code]);
            if (distance > written)
            {
                return 0;
            }

            for (; length > 0 && written < output.Length; length--, written++)
            {
                output[written] = output[written - distance];
            }
        }

        return written;
    }

    private bool TryReadLengths(scoped Span<byte> lengths, out int literals, out int distances)
    {
        literals = Bits(5) + 257;
        distances = Bits(5) + 1;
        var count = Bits(4) + 4;
        Span<byte> codeLengths = stackalloc byte[19];
        codeLengths.Clear();
        for (var i = 0; i < count; i++)
        {
            codeLengths[LengthOrder[i]] = (byte)Bits(3);
        }

        Span<short> counts = stackalloc short[LongestCode + 1];
        Span<short> symbols = stackalloc short[19];
        if (literals > 286 || distances > 30 || !TryBuild(codeLengths, counts, symbols))
        {
            return false;
        }

        for (var i = 0; i < literals + distances;)
        {
            var symbol = Symbol(counts, symbols);
            switch (symbol)
            {
                case < 0:
                    return false;
                case < 16:
                    lengths[i++] = (byte)symbol;
                    continue;
            }

            var value = symbol == 16 ? i > 0 ? lengths[i - 1] : (byte)255 : (byte)0;
            var repeats = symbol switch { 16 => 3 + Bits(2), 17 => 3 + Bits(3), _ => 11 + Bits(7) };
            if (value == 255 || i + repeats > literals + distances)
            {
                return false;
            }

            lengths.Slice(i, repeats).Fill(value);
            i += repeats;
        }

        return lengths[256] != 0;
    }

    /// <summary>A canonical code: how many of each length, and the symbols in order. Over-subscribed ones are refused.</summary>
    private static bool TryBuild(scoped ReadOnlySpan<byte> lengths, scoped Span<short> counts, scoped Span<short> symbols)
    {
        counts.Clear();
        foreach (var length in lengths)
        {
            counts[length]++;
        }

        counts[0] = 0;
        Span<short> offsets = stackalloc short[LongestCode + 2];
        offsets.Clear();
        var left = 1;
        for (var length = 1; length <= LongestCode; length++)
        {
            left = (left << 1) - counts[length];
            if (left < 0)
            {
                return false;
            }

            offsets[length + 1] = (short)(offsets[length] + counts[length]);
        }

        for (var symbol = 0; symbol < lengths.Length; symbol++)
        {
            if (lengths[symbol] != 0)
            {
                symbols[offsets[lengths[symbol]]++] = (short)symbol;
            }
        }

        return true;
    }

    /// <returns>-1: no code, or the end of the input.</returns>
    private int Symbol(scoped ReadOnlySpan<short> counts, scoped ReadOnlySpan<short> symbols)
    {
        var (code, first, index) = (0, 0, 0);
        for (var length = 1; length <= LongestCode; length++)
        {
            if (_bit >= 8 * _input.Length)
            {
                return -1;
            }

            code |= Bits(1);
            if (code - counts[length] < first)
            {
                return symbols[index + code - first];
            }

            index += counts[length];
            first = (first + counts[length]) << 1;
            code <<= 1;
        }

        return -1;
    }

    /// <summary>Beyond the end: zeros.</summary>
    private int Bits(int count)
    {
        var value = 0;
        for (var i = 0; i < count; i++, _bit++)
        {
            if (_bit < 8 * _input.Length)
            {
                value |= ((_input[_bit >> 3] >> (_bit & 7)) & 1) << i;
            }
        }

        return value;
    }
}
