namespace Belljar.Detection.Validators;

/// <summary>EIP-55: the case of an address's letters is a checksum. All in one case carries none and is not taken for one.</summary>
internal static class EthereumAddress
{
    private const int Digits = 40;

    public static bool IsValid(ReadOnlySpan<byte> secret)
    {
        var digits = secret.StartsWith("0x"u8) ? secret[2..] : secret;
        if (digits.Length != Digits || !digits.ContainsAnyInRange((byte)'a', (byte)'f') || !digits.ContainsAnyInRange((byte)'A', (byte)'F'))
        {
            return false;
        }

        Span<byte> lower = stackalloc byte[Digits];
        for (var i = 0; i < Digits; i++)
        {
            lower[i] = (byte)char.ToLowerInvariant((char)digits[i]);
        }

        Span<byte> hash = stackalloc byte[32];
        Keccak.Hash(lower, hash);
        for (var i = 0; i < Digits; i++)
        {
            if (!char.IsAsciiHexDigit((char)digits[i]))
            {
                return false;
            }

            var nibble = i % 2 == 0 ? hash[i / 2] >> 4 : hash[i / 2] & 15;
            if (char.IsAsciiLetter((char)digits[i]) && char.IsAsciiLetterUpper((char)digits[i]) != nibble >= 8)
            {
                return false;
            }
        }

        return true;
    }
}
