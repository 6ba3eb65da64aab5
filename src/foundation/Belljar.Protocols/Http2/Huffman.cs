using System.Buffers;

namespace Belljar.Protocols.Http2;

/// <summary>
/// The code of RFC 7541, appendix B. It is canonical: codes of one length follow each other in the order of their symbols,
/// so the lengths say all. Read here, never written: what is sent is short already, and a table less to be wrong in.
/// </summary>
internal static class Huffman
{
    private const int EndOfString = 256;
    private const int LongestPadding = 7;

    /// <summary>The length of each symbol's code, in bits; the last is that of the end of a string.</summary>
    private static readonly byte[] Lengths =
    [
        13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
        6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
        13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
        15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
        20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
        22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
        26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
        20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
        30,
    ];

    /// <summary>Two children for each node; a negative one is a symbol, inverted.</summary>
    private static readonly int[] Tree = Build();

    /// <returns>False when it holds the end of a string, or its padding is longer than seven bits or not all ones (RFC 7541 §5.2).</returns>
    public static bool TryDecode(ReadOnlySpan<byte> coded, IBufferWriter<byte> output)
    {
        // The shortest code has five bits.
        var text = output.GetSpan((coded.Length * 8 / 5) + 1);
        var (length, node, open, isOnes) = (0, 0, 0, true);
        foreach (var octet in coded)
        {
            for (var bit = 7; bit >= 0; bit--)
            {
                var one = (octet >> bit) & 1;
                node = Tree[(node * 2) + one];
                (open, isOnes) = (open + 1, isOnes && one == 1);
                if (node >= 0)
                {
                    continue;
                }

                if (~node == EndOfString)
                {
                    return false;
                }

                text[length++] = (byte)~node;
                (node, open, isOnes) = (0, 0, true);
            }
        }

        output.Advance(length);
        return open <= LongestPadding && isOnes;
    }

    private static int[] Build()
    {
        var tree = new List<int> { 0, 0 };
        var code = 0u;
        var before = 0;
        foreach (var symbol in Enumerable.Range(0, Lengths.Length).OrderBy(symbol => Lengths[symbol]).ThenBy(symbol => symbol))
        {
            code = before == 0 ? 0 : (code + 1) << (Lengths[symbol] - before);
            before = Lengths[symbol];
            var node = 0;
            for (var bit = before - 1; bit > 0; bit--)
            {
                var branch = (node * 2) + (int)((code >> bit) & 1);
                if (tree[branch] == 0)
                {
                    tree[branch] = tree.Count / 2;
                    tree.AddRange([0, 0]);
                }

                node = tree[branch];
            }

            tree[(node * 2) + (int)(code & 1)] = ~symbol;
        }

        return [.. tree];
    }
}
