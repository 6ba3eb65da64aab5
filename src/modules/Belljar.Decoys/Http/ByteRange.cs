using System.Globalization;

namespace Belljar.Decoys.Http;

/// <summary>What a Range field asks for, as far as one range goes (several are answered with the whole page).</summary>
internal enum RangeKind
{
    /// <summary>No range that is understood: the whole page.</summary>
    None,
    Part,

    /// <summary>It begins beyond the end.</summary>
    Beyond,

    /// <summary><c>9-0</c> or <c>-0</c>: nginx calls it not satisfiable, Apache no range at all.</summary>
    Absurd,
}

/// <summary>A part of the page (RFC 9110 §14).</summary>
internal readonly record struct ByteRange(RangeKind Kind, int First = 0, int Last = 0)
{
    public int Length => Last - First + 1;

    public string ContentRange(int total) => $"bytes {First}-{Last}/{total}";

    public static ByteRange Read(string? field, int total)
    {
        if (field?.StartsWith("bytes=", StringComparison.Ordinal) is not true || field["bytes=".Length..].Split('-') is not [var left, var right])
        {
            return default;
        }

        if (left.Length == 0)
        {
            return TryNumber(right, out var suffix) ? Suffix(suffix, total) : default;
        }

        var last = total - 1;
        if (!TryNumber(left, out var first) || (right.Length > 0 && !TryNumber(right, out last)))
        {
            return default;
        }

        if (right.Length > 0 && last < first)
        {
            return new ByteRange(RangeKind.Absurd);
        }

        return first < total ? new ByteRange(RangeKind.Part, first, Math.Min(last, total - 1)) : new ByteRange(RangeKind.Beyond);
    }

    private static ByteRange Suffix(int length, int total) =>
        length == 0 ? new ByteRange(RangeKind.Absurd) : new ByteRange(RangeKind.Part, Math.Max(0, total - length), total - 1);

    private static bool TryNumber(string text, out int value) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
}
