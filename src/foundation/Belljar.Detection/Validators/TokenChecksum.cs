namespace Belljar.Detection.Validators;

/// <summary>Checksums that vendors other than GitHub and npm put into their tokens.</summary>
internal static class TokenChecksum
{
    /// <summary>Synapse: <c>syt_…_…_</c> and the CRC-32 of all before the last underscore, in base 62 of six digits.</summary>
    public static bool IsMatrix(ReadOnlySpan<byte> secret)
    {
        var last = secret.LastIndexOf((byte)'_');
        return last > 0 && secret.Length - last == 7 && TryReadBase62(secret[(last + 1)..], out var sum) && sum == Crc32Suffix.Crc32(secret[..last]);
    }

    /// <summary>Grafana: <c>glsa_…_</c> and the CRC-32 of all before the last underscore, in hex, least significant byte first.</summary>
    public static bool IsGrafana(ReadOnlySpan<byte> secret)
    {
        var last = secret.LastIndexOf((byte)'_');
        if (last < 0 || secret.Length - last != 9)
        {
            return false;
        }

        var sum = Crc32Suffix.Crc32(secret[..last]);
        for (var i = 0; i < 4; i++)
        {
            var value = (sum >> (8 * i)) & 0xFF;
            if (secret[last + 1 + (2 * i)] != HexDigit(value >> 4) || secret[last + 2 + (2 * i)] != HexDigit(value & 15))
            {
                return false;
            }
        }

        return true;
    }

    private static int HexDigit(uint value) => (int)(value < 10 ? '0' + value : 'a' + value - 10);

    /// <summary>Digits, upper case, lower case: in the order of ASCII.</summary>
    private static bool TryReadBase62(ReadOnlySpan<byte> text, out ulong number)
    {
        number = 0;
        foreach (var c in text)
        {
            int digit = c switch
            {
                >= (byte)'0' and <= (byte)'9' => c - '0',
                >= (byte)'A' and <= (byte)'Z' => c - 'A' + 10,
                >= (byte)'a' and <= (byte)'z' => c - 'a' + 36,
                _ => -1,
            };
            if (digit < 0)
            {
                return false;
            }

            number = (number * 62) + (ulong)digit;
        }

        return true;
    }
}
