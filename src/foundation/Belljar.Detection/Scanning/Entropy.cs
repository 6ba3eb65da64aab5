namespace Belljar.Detection.Scanning;

internal static class Entropy
{
    /// <summary>Shannon's, in bits for each byte.</summary>
    public static double Of(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty)
        {
            return 0;
        }

        Span<int> counts = stackalloc int[256];
        counts.Clear();
        foreach (var value in text)
        {
            counts[value]++;
        }

        var bits = 0.0;
        foreach (var count in counts)
        {
            if (count > 0)
            {
                var share = (double)count / text.Length;
                bits -= share * Math.Log2(share);
            }
        }

        return bits;
    }
}
