using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Belljar.Detection.Prefilter;

/// <summary>
/// Finds many short strings in one pass, at the speed of memory. Immutable.
/// </summary>
/// <remarks>
/// <code>
///   text     … p a s s w o r d =  …        at each position (at every second one, if no literal is short): four bytes,
///                ──────                    five bits of each (so no case), hashed into a bitmap that stays in the cache
///                    ──────
/// </code>
/// For every second position each literal is entered with two neighbouring windows, of which one falls on a probed
/// position, wherever the literal begins. The windows are those of the literal that are rarest in text. Only a set bit costs
/// a branch. Most of those are text that merely has the same hash, so what tells them apart must lie close together, in the
/// cache too: the entries of the n-th set bit begin at the n-th start, and n is counted, not stored.
/// </remarks>
internal sealed class LiteralSet
{
    /// <summary>Shorter ones would set too many bits.</summary>
    public const int Shortest = 3;

    private const uint FiveBits = 0x1F1F1F1F;
    private const ulong FiveBitsTwice = 0x1F1F1F1F1F1F1F1F;
    private const uint Multiplier = 0x9E3779B1;
    private const int Window = 4;
    private const int Tail = 64;

    /// <summary>Positions that are probed together.</summary>
    private const int Group = 16;
    private const int GroupsAtOnce = 256;
    private const int MostShortOnes = 4;

    /// <summary>Of a thousand bytes of text and code, how many share these five bits: <c>-</c> is one with <c>m</c>, a digit with a letter.</summary>
    private static ReadOnlySpan<byte> Frequencies =>
    [
        212, 41, 13, 31, 23, 75, 19, 15, 23, 56, 35, 5, 38, 21, 49, 43,
        28, 4, 43, 44, 58, 18, 7, 5, 9, 10, 8, 6, 5, 7, 5, 41,
    ];

    private readonly byte[][] _literals;
    private readonly bool[] _exact;
    private readonly uint[] _bitmap;
    private readonly int[] _ranks;
    private readonly int[] _starts;
    private readonly Entry[] _entries;
    private readonly int _shift;
    private readonly int _reach;
    private readonly int _stride;

    public LiteralSet(IReadOnlyList<Literal> literals)
    {
        _literals = [.. literals.Select(literal => literal.Bytes)];
        _exact = [.. literals.Select(literal => literal.IsExact)];
        var bits = 10;
        while (bits < 22 && 1 << bits < literals.Count * 64)
        {
            bits++;
        }

        // Short literals leave windows that are mostly free, and so set too many bits: then every position is probed.
        var shortOnes = literals.Count(literal => literal.Bytes.Length <= Window);
        _stride = shortOnes > MostShortOnes ? 1 : 2;
        bits = _stride == 1 ? Math.Max(bits, 17) : bits;
        _shift = 32 - bits;
        _bitmap = new uint[1 << (bits - 5)];
        var entries = new SortedSet<(uint Hash, int Literal, int Delta, uint Value, uint Mask)>();
        for (var i = 0; i < literals.Count; i++)
        {
            Enter(i, entries);
        }

        _entries = [.. entries.Select(entry => new Entry(entry.Literal, entry.Delta, entry.Value, entry.Mask))];
        _starts = [.. entries.Index().GroupBy(entry => entry.Item.Hash).Select(bit => bit.First().Index), _entries.Length];
        _ranks = new int[_bitmap.Length];
        for (var i = 1; i < _ranks.Length; i++)
        {
            _ranks[i] = _ranks[i - 1] + BitOperations.PopCount(_bitmap[i - 1]);
        }

        _reach = _entries.Select(entry => entry.Delta).DefaultIfEmpty().Max();
    }

    public int Count => _literals.Length;

    public int LengthOf(int literal) => _literals[literal].Length;

    /// <summary>Adds every occurrence that begins in <c>[from, to)</c>, in order of position.</summary>
    public void Search(ReadOnlySpan<byte> text, int from, int to, HitList hits)
    {
        if (_entries.Length == 0)
        {
            return;
        }

        var range = new Range(from, to);
        var end = Math.Min(text.Length, to + _reach + 1);
        var bulk = Math.Min(end, text.Length - 20);
        // What is found is noted first and looked at later: a branch here would be foretold wrongly every time it matters.
        Span<uint> found = stackalloc uint[GroupsAtOnce];
        var at = from;
        while (at < bulk)
        {
            var groups = Math.Min(GroupsAtOnce, (bulk - at + Group - 1) / Group);
            var count = _stride == 1 ? ProbeEvery(text, at, groups, found) : ProbeEverySecond(text, at, groups, found);
            foreach (var group in found[..count])
            {
                VerifyAll(text, at + (int)(group >> 16) * Group, group & 0xffff, range, hits);
            }

            at += groups * Group;
        }

        if (at < end)
        {
            SearchTail(text, at, range, hits);
        }
    }

    /// <param name="found">Gets, for each group with a set bit, its number and below that a bit for each position.</param>
    /// <returns>How many such groups there are.</returns>
    private int ProbeEverySecond(ReadOnlySpan<byte> text, int at, int groups, Span<uint> found)
    {
        ref var first = ref Unsafe.Add(ref MemoryMarshal.GetReference(text), at);
        ref var bitmap = ref MemoryMarshal.GetArrayDataReference(_bitmap);
        ref var output = ref MemoryMarshal.GetReference(found);
        var shift = _shift;
        var count = 0;
        for (var group = 0; group < groups; group++, first = ref Unsafe.Add(ref first, Group))
        {
            var a = Unsafe.ReadUnaligned<ulong>(ref first) & FiveBitsTwice;
            var b = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref first, 4)) & FiveBitsTwice;
            var c = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref first, 8)) & FiveBitsTwice;
            var d = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref first, 12)) & FiveBitsTwice;
            var bits =
                Bit(ref bitmap, (uint)a, shift)
                | (Bit(ref bitmap, (uint)(a >> 16), shift) << 2)
                | (Bit(ref bitmap, (uint)b, shift) << 4)
                | (Bit(ref bitmap, (uint)(b >> 16), shift) << 6)
                | (Bit(ref bitmap, (uint)c, shift) << 8)
                | (Bit(ref bitmap, (uint)(c >> 16), shift) << 10)
                | (Bit(ref bitmap, (uint)d, shift) << 12)
                | (Bit(ref bitmap, (uint)(d >> 16), shift) << 14);
            Unsafe.Add(ref output, count) = ((uint)group << 16) | bits;
            count += bits != 0 ? 1 : 0;
        }

        return count;
    }

    /// <inheritdoc cref="ProbeEverySecond"/>
    private int ProbeEvery(ReadOnlySpan<byte> text, int at, int groups, Span<uint> found)
    {
        ref var first = ref Unsafe.Add(ref MemoryMarshal.GetReference(text), at);
        ref var bitmap = ref MemoryMarshal.GetArrayDataReference(_bitmap);
        ref var output = ref MemoryMarshal.GetReference(found);
        var shift = _shift;
        var count = 0;
        for (var group = 0; group < groups; group++, first = ref Unsafe.Add(ref first, Group))
        {
            var a = Unsafe.ReadUnaligned<ulong>(ref first) & FiveBitsTwice;
            var b = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref first, 4)) & FiveBitsTwice;
            var c = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref first, 8)) & FiveBitsTwice;
            var d = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref first, 12)) & FiveBitsTwice;
            var bits = Four(ref bitmap, a, shift) | (Four(ref bitmap, b, shift) << 4) | (Four(ref bitmap, c, shift) << 8) | (Four(ref bitmap, d, shift) << 12);
            Unsafe.Add(ref output, count) = ((uint)group << 16) | bits;
            count += bits != 0 ? 1 : 0;
        }

        return count;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Four(ref uint bitmap, ulong windows, int shift) =>
        Bit(ref bitmap, (uint)windows, shift)
        | (Bit(ref bitmap, (uint)(windows >> 8), shift) << 1)
        | (Bit(ref bitmap, (uint)(windows >> 16), shift) << 2)
        | (Bit(ref bitmap, (uint)(windows >> 24), shift) << 3);

    private void VerifyAll(ReadOnlySpan<byte> text, int at, uint found, Range range, HitList hits)
    {
        for (; found != 0; found &= found - 1)
        {
            var place = at + BitOperations.TrailingZeroCount(found);
            Verify(text, place, MemoryMarshal.Read<uint>(text[place..]) & FiveBits, range, hits);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Bit(ref uint bitmap, uint window, int shift)
    {
        var hash = (window * Multiplier) >> shift;
        return (Unsafe.Add(ref bitmap, hash >> 5) >> (int)hash) & 1;
    }

    /// <summary>The last few bytes, where a window would reach beyond the text.</summary>
    private void SearchTail(ReadOnlySpan<byte> text, int at, Range range, HitList hits)
    {
        Span<byte> padded = stackalloc byte[Tail];
        padded.Clear();
        text[at..Math.Min(text.Length, at + Tail - Window)].CopyTo(padded);
        ref var bitmap = ref MemoryMarshal.GetArrayDataReference(_bitmap);
        for (var i = 0; at + i < text.Length && i < Tail - Window; i += _stride)
        {
            var window = MemoryMarshal.Read<uint>(padded[i..]) & FiveBits;
            if (Bit(ref bitmap, window, _shift) != 0)
            {
                Verify(text, at + i, window, range, hits);
            }
        }
    }

    /// <summary>The bit of the window is set: looks for the literals that set it.</summary>
    private void Verify(ReadOnlySpan<byte> text, int place, uint window, Range range, HitList hits)
    {
        var hash = (window * Multiplier) >> _shift;
        var word = (int)(hash >> 5);
        var bit = _ranks[word] + BitOperations.PopCount(_bitmap[word] & ((1u << (int)hash) - 1));
        var (from, to) = (_starts[bit], _starts[bit + 1]);
        for (var i = from; i < to; i++)
        {
            ref readonly var entry = ref _entries[i];
            if ((window & entry.Mask) == entry.Value)
            {
                Compare(text, place - entry.Delta, entry.Literal, range, hits);
            }
        }
    }

    private void Compare(ReadOnlySpan<byte> text, int start, int index, Range range, HitList hits)
    {
        var literal = _literals[index];
        if (start >= range.From && start < range.To && start + literal.Length <= text.Length
            && IsSame(text.Slice(start, literal.Length), literal, _exact[index]))
        {
            hits.Add(start, index);
        }
    }

    private static bool IsSame(ReadOnlySpan<byte> text, byte[] literal, bool exact)
    {
        if (exact)
        {
            return text.SequenceEqual(literal);
        }

        for (var i = 0; i < literal.Length; i++)
        {
            if (Lower(text[i]) != literal[i])
            {
                return false;
            }
        }

        return true;
    }

    private static byte Lower(byte value) => value is >= (byte)'A' and <= (byte)'Z' ? (byte)(value | 0x20) : value;

    private void Enter(int index, SortedSet<(uint Hash, int Literal, int Delta, uint Value, uint Mask)> entries)
    {
        var literal = _literals[index];
        var best = 0;
        var cost = double.MaxValue;
        for (var start = 0; start + Window + _stride - 1 <= literal.Length; start++)
        {
            var here = Frequency(literal.AsSpan(start, Window)) + (_stride == 1 ? 0 : Frequency(literal.AsSpan(start + 1, Window)));
            if (here < cost)
            {
                (best, cost) = (start, here);
            }
        }

        for (var delta = best; delta < best + _stride; delta++)
        {
            Enter(index, delta, entries);
        }
    }

    /// <summary>A window that reaches beyond the literal is entered with every continuation.</summary>
    private void Enter(int index, int delta, SortedSet<(uint Hash, int Literal, int Delta, uint Value, uint Mask)> entries)
    {
        var literal = _literals[index];
        var known = Math.Min(Window, literal.Length - delta);
        uint value = 0;
        for (var i = 0; i < known; i++)
        {
            value |= (uint)(literal[delta + i] & 0x1F) << (8 * i);
        }

        var mask = known == Window ? FiveBits : FiveBits & ((1u << (8 * known)) - 1);
        var free = Window - known;
        for (var continuation = 0; continuation < 1 << (5 * free); continuation++)
        {
            var window = value;
            for (var i = 0; i < free; i++)
            {
                window |= (uint)((continuation >> (5 * i)) & 0x1F) << (8 * (known + i));
            }

            var hash = (window * Multiplier) >> _shift;
            _bitmap[hash >> 5] |= 1u << (int)(hash & 31);
            entries.Add((hash, index, delta, value, mask));
        }
    }

    private static double Frequency(ReadOnlySpan<byte> window)
    {
        var product = 1.0;
        foreach (var value in window)
        {
            product *= Frequencies[value & 0x1F];
        }

        return product;
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Entry(int Literal, int Delta, uint Value, uint Mask);

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Range(int From, int To);
}

/// <param name="Bytes">In lower case unless exact; at least <see cref="LiteralSet.Shortest"/>.</param>
/// <param name="IsExact">Compared to the byte, else without the case of ASCII letters.</param>
internal sealed record Literal(byte[] Bytes, bool IsExact);
