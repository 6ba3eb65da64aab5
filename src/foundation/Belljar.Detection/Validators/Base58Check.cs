using System.Security.Cryptography;

namespace Belljar.Detection.Validators;

/// <summary>Bitcoin's Base58Check: four bytes of a double SHA-256 at the end. Addresses, WIF keys, extended keys.</summary>
internal static class Base58Check
{
    private const string Alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    private const int Longest = 128;

    public static bool IsValid(ReadOnlySpan<byte> secret)
    {
        Span<byte> bytes = stackalloc byte[Longest];
        if (!TryDecode(secret, bytes, out var length) || length < 5)
        {
            return false;
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes[..(length - 4)], hash);
        SHA256.HashData(hash, hash);
        return hash[..4].SequenceEqual(bytes.Slice(length - 4, 4));
    }

    private static bool TryDecode(ReadOnlySpan<byte> text, Span<byte> output, out int length)
    {
        length = 0;
        if (text.Length is 0 or > Longest)
        {
            return false;
        }

        // Little-endian while it grows.
        foreach (var c in text)
        {
            var carry = Alphabet.IndexOf((char)c, StringComparison.Ordinal);
            if (carry < 0)
            {
                return false;
            }

            for (var i = 0; i < length; i++)
            {
                carry += output[i] * 58;
                output[i] = (byte)carry;
                carry >>= 8;
            }

            if (carry > 0)
            {
                output[length++] = (byte)carry;
            }
        }

        foreach (var c in text)
        {
            if (c != '1' || length == output.Length)
            {
                break;
            }

            output[length++] = 0;
        }

        output[..length].Reverse();
        return true;
    }
}
