namespace Belljar.Sandboxes.Isolation;

/// <summary>
/// Says "none of these" in masked comparisons, which is all that a filter of allowed calls can ask. Only the lower 32
/// bits are looked at, as the kernel does with an ioctl's number: setting a higher bit does not get past.
/// </summary>
internal static class BitPrefixes
{
    /// <summary>The prefixes (mask and value) that together cover every number but the given ones.</summary>
    public static IEnumerable<(long Mask, long Value)> OfAllBut(IReadOnlyList<uint> numbers) => Below(numbers, 0, 0, 31);

    private static IEnumerable<(long Mask, long Value)> Below(IReadOnlyList<uint> numbers, uint mask, uint value, int bit)
    {
        if (numbers.Count == 0)
        {
            return [(mask, value)];
        }

        if (bit < 0)
        {
            return [];
        }

        var one = 1u << bit;
        return Below([.. numbers.Where(number => (number & one) == 0)], mask | one, value, bit - 1)
            .Concat(Below([.. numbers.Where(number => (number & one) != 0)], mask | one, value | one, bit - 1));
    }
}
