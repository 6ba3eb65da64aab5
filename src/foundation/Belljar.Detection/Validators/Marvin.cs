using System.Buffers.Binary;
using System.Numerics;

namespace Belljar.Detection.Validators;

/// <summary>Marvin32, the seeded checksum of Microsoft's keys, as SymCrypt has it.</summary>
internal static class Marvin
{
    public static ulong Hash(ReadOnlySpan<byte> bytes, ulong seed)
    {
        var (low, high) = ((uint)seed, (uint)(seed >> 32));
        for (; bytes.Length >= 4; bytes = bytes[4..])
        {
            low += BinaryPrimitives.ReadUInt32LittleEndian(bytes);
            Mix(ref low, ref high);
        }

        Span<byte> last = [0, 0, 0, 0];
        bytes.CopyTo(last);
        last[bytes.Length] = 0x80;
        low += BinaryPrimitives.ReadUInt32LittleEndian(last);
        Mix(ref low, ref high);
        Mix(ref low, ref high);
        return ((ulong)high << 32) | low;
    }

    private static void Mix(ref uint low, ref uint high)
    {
        high ^= low;
        low = BitOperations.RotateLeft(low, 20) + high;
        high = BitOperations.RotateLeft(high, 9) ^ low;
        low = BitOperations.RotateLeft(low, 27) + high;
        high = BitOperations.RotateLeft(high, 19);
    }
}
