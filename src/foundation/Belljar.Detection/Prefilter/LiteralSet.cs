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
/// position, wherever the literal begins. The windows are those of the literal that are rarest in text. Only a set bit costs a branch, a look into the
/// chain of entries and a comparison.
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
    private const int MostShortOnes = 4;

    /// <summary>Letters from frequent to rare in English and in code; what is not here is rarer.</summary>
    private const string Frequent = "etaoinsrlcdhupmfgybwvkxqjz";

    private readonly byte[][] _literals;
    private readonly bool[] _exact;
    private readonly uint[] _bitmap;
    private readonly int[] _heads;
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
        _heads = new int[1 << bits];
        Array.Fill(_heads, -1);
        var entries = new List<Entry>();
        for (var i = 0; i < literals.Count; i++)
        {
            Enter(i, entries);
        }

        _entries = [.. entries];
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
        var at = _stride == 1 ? SearchEvery(text, from, bulk, range, hits) : SearchEverySecond(text, from, bulk, range, hits);
        if (at < end)
        {
            SearchTail(text, at, range, hits);
        }
    }

    /// <returns>The first position that was not probed.</returns>
    private int SearchEverySecond(ReadOnlySpan<byte> text, int at, int end, Range range, HitList hits)
    {
        ref var first = ref MemoryMarshal.GetReference(text);
        ref var bitmap = ref MemoryMarshal.GetArrayDataReference(_bitmap);
        var shift = _shift;
        for (; at < end; at += 16)
        {
            var a = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref first, at)) & FiveBitsTwice;
            var b = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref first, at + 4)) & FiveBitsTwice;
            var c = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref first, at + 8)) & FiveBitsTwice;
            var d = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref first, at + 12)) & FiveBitsTwice;
            var found =
                Bit(ref bitmap, (uint)a, shift)
                | (Bit(ref bitmap, (uint)(a >> 16), shift) << 2)
                | (Bit(ref bitmap, (uint)b, shift) << 4)
                | (Bit(ref bitmap, (uint)(b >> 16), shift) << 6)
                | (Bit(ref bitmap, (uint)c, shift) << 8)
                | (Bit(ref bitmap, (uint)(c >> 16), shift) << 10)
                | (Bit(ref bitmap, (uint)d, shift) << 12)
                | (Bit(ref bitmap, (uint)(d >> 16), shift) << 14);
            if (found != 0)
            {
                VerifyAll(text, at, found, range, hits);
            }
        }

        return at;
    }

    private int SearchEvery(ReadOnlySpan<byte> text, int at, int end, Range range, HitList hits)
    {
        ref var first = ref MemoryMarshal.GetReference(text);
        ref var bitmap = ref MemoryMarshal.GetArrayDataReference(_bitmap);
        var shift = _shift;
        for (; at < end; at += 16)
        {
            var a = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref first, at)) & FiveBitsTwice;
            var b = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref first, at + 4)) & FiveBitsTwice;
            var c = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref first, at + 8)) & FiveBitsTwice;
            var d = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref first, at + 12)) & FiveBitsTwice;
            var found = Four(ref bitmap, a, shift) | (Four(ref bitmap, b, shift) << 4) | (Four(ref bitmap, c, shift) << 8) | (Four(ref bitmap, d, shift) << 12);
            if (found != 0)
            {
                VerifyAll(text, at, found, range, hits);
            }
        }

        return at;
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
            var place = at + System.Numerics.BitOperations.TrailingZeroCount(found);
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

    private void Verify(ReadOnlySpan<byte> text, int place, uint window, Range range, HitList hits)
    {
        for (var next = _heads[(window * Multiplier) >> _shift]; next >= 0; next = _entries[next].Next)
        {
            ref readonly var entry = ref _entries[next];
            if ((window & entry.Mask) != entry.Value)
            {
                continue;
            }

            var start = place - entry.Delta;
            var literal = _literals[entry.Literal];
            if (start >= range.From && start < range.To && start + literal.Length <= text.Length
                && IsSame(text.Slice(start, literal.Length), literal, _exact[entry.Literal]))
            {
                hits.Add(start, entry.Literal);
            }
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

    private void Enter(int index, List<Entry> entries)
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
    private void Enter(int index, int delta, List<Entry> entries)
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
            var isThere = false;
            for (var next = _heads[hash]; next >= 0 && !isThere; next = entries[next].Next)
            {
                isThere = entries[next].Literal == index && entries[next].Delta == delta;
            }

            if (!isThere)
            {
                entries.Add(new Entry(index, delta, value, mask, _heads[hash]));
                _heads[hash] = entries.Count - 1;
            }
        }
    }

    private static double Frequency(ReadOnlySpan<byte> window)
    {
        var product = 1.0;
        foreach (var value in window)
        {
            var rank = Frequent.IndexOf((char)Lower(value), StringComparison.Ordinal);
            product *= rank < 0 ? 0.01 : 0.12 / (1 + (rank * 0.4));
        }

        return product;
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Entry(int Literal, int Delta, uint Value, uint Mask, int Next);

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Range(int From, int To);
}

/// <param name="Bytes">In lower case unless exact; at least <see cref="LiteralSet.Shortest"/>.</param>
/// <param name="IsExact">Compared to the byte, else without the case of ASCII letters.</param>
internal sealed record Literal(byte[] Bytes, bool IsExact);
