using System.Buffers.Binary;
using System.Numerics;

namespace Belljar.Detection.Validators;

/// <summary>Keccak-256 as Ethereum uses it: SHA-3's permutation with the padding from before the standard, for short input.</summary>
internal static class Keccak
{
    private const int Rate = 136;

    private static readonly ulong[] RoundConstants = MakeRoundConstants();

    /// <param name="input">Less than 136 bytes.</param>
    public static void Hash(ReadOnlySpan<byte> input, Span<byte> hash)
    {
        Span<byte> block = stackalloc byte[Rate];
        block.Clear();
        input.CopyTo(block);
        block[input.Length] = 1;
        block[Rate - 1] |= 0x80;
        Span<ulong> state = stackalloc ulong[25];
        state.Clear();
        for (var i = 0; i < Rate / 8; i++)
        {
            state[i] = BinaryPrimitives.ReadUInt64LittleEndian(block[(8 * i)..]);
        }

        Permute(state);
        for (var i = 0; i < 4; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(hash[(8 * i)..], state[i]);
        }
    }

    private static void Permute(Span<ulong> lanes)
    {
        Span<ulong> columns = stackalloc ulong[5];
        Span<ulong> row = stackalloc ulong[5];
        foreach (var constant in RoundConstants)
        {
            // θ
            for (var x = 0; x < 5; x++)
            {
                columns[x] = lanes[x] ^ lanes[x + 5] ^ lanes[x + 10] ^ lanes[x + 15] ^ lanes[x + 20];
            }

            for (var i = 0; i < 25; i++)
            {
                lanes[i] ^= columns[(i + 4) % 5] ^ BitOperations.RotateLeft(columns[(i + 1) % 5], 1);
            }

            // ρ and π
            var (at, moving, turn) = (1, lanes[1], 0);
            for (var step = 1; step <= 24; step++)
            {
                turn += step;
                var (x, y) = (at % 5, at / 5);
                var to = y + (5 * (((2 * x) + (3 * y)) % 5));
                (moving, lanes[to]) = (lanes[to], BitOperations.RotateLeft(moving, turn % 64));
                at = to;
            }

            // χ
            for (var y = 0; y < 25; y += 5)
            {
                lanes.Slice(y, 5).CopyTo(row);
                for (var x = 0; x < 5; x++)
                {
                    lanes[y + x] = row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5]);
                }
            }

            lanes[0] ^= constant;
        }
    }

    /// <summary>FIPS 202 §3.2.5: bits of a linear feedback shift register, at the powers of two.</summary>
    private static ulong[] MakeRoundConstants()
    {
        var constants = new ulong[24];
        var register = 1;
        for (var round = 0; round < 24; round++)
        {
            for (var j = 0; j < 7; j++)
            {
                if ((register & 1) != 0)
                {
                    constants[round] |= 1UL << ((1 << j) - 1);
                }

                register = (register << 1) ^ ((register >> 7) * 0x171);
            }
        }

        return constants;
    }
}
