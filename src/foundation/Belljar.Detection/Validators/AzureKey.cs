using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text;

namespace Belljar.Detection.Validators;

/// <summary>
/// Microsoft's identifiable keys: random bytes, a signature of four characters that names the service, and four bytes of
/// <see cref="Marvin"/> over all before, seeded with what the key is for.
/// </summary>
internal static class AzureKey
{
    private const int Longest = 128;
    private const int SumLength = 4;

    /// <summary>Characters that the sum takes up, the last of them not in full.</summary>
    private const int SumCharacters = 6;

    /// <summary>The purposes of each service's keys, as Microsoft's own scanner lists them.</summary>
    private static readonly (byte[] Signature, ulong[] Seeds)[] Services =
    [
        Service("+ASt", "Default0"),
        Service("ACDb", "MastRW00", "MastRO00", "SystRW00", "SystRO00", "SysAll00", "Resour00", "Encryp00"),
        Service("+ASb", "Send0000", "Listen00", "Manage00", "System00", "Unknown0"),
        Service("+AEh", "Send0000", "Listen00", "Manage00", "System00", "Unknown0"),
        Service("+ARm", "Send0000", "Listen00", "Manage00", "System00", "Unknown0"),
        Service("AzFu", "Functi00", "System00", "Master00"),
        Service("AzSe", "Query000", "PAdmin00"),
        Service("+ACR", "ACRDflt0"),
    ];

    public static bool IsValid(ReadOnlySpan<byte> secret)
    {
        var text = secret.TrimEnd((byte)'=');
        if (text.Length is <= SumCharacters + 4 or > Longest)
        {
            return false;
        }

        Span<byte> padded = stackalloc byte[Longest + 4];
        text.CopyTo(padded);
        padded[..text.Length].Replace((byte)'-', (byte)'+');
        padded[..text.Length].Replace((byte)'_', (byte)'/');
        var length = text.Length;
        while (length % 4 != 0)
        {
            padded[length++] = (byte)'=';
        }

        Span<byte> key = stackalloc byte[Longest];
        if (Base64.DecodeFromUtf8(padded[..length], key, out _, out var written) != OperationStatus.Done)
        {
            return false;
        }

        var sum = BinaryPrimitives.ReadUInt32LittleEndian(key[(written - SumLength)..written]);
        var signature = text[^(SumCharacters + 4)..^SumCharacters];
        foreach (var (known, seeds) in Services)
        {
            if (signature.SequenceEqual(known))
            {
                return IsSum(sum, key[..(written - SumLength)], seeds);
            }
        }

        return false;
    }

    private static bool IsSum(uint sum, ReadOnlySpan<byte> bytes, ulong[] seeds)
    {
        foreach (var seed in seeds)
        {
            var hash = Marvin.Hash(bytes, seed);
            if (((uint)hash ^ (uint)(hash >> 32)) == sum)
            {
                return true;
            }
        }

        return false;
    }

    private static (byte[] Signature, ulong[] Seeds) Service(string signature, params string[] purposes) =>
        (Encoding.ASCII.GetBytes(signature), [.. purposes.Select(purpose => BinaryPrimitives.ReadUInt64BigEndian(Encoding.ASCII.GetBytes(purpose)))]);
}
