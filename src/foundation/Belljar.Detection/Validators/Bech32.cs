namespace Belljar.Detection.Validators;

/// <summary>BIP-173 and BIP-350: a readable prefix, a 1, data, and a checksum of six characters.</summary>
internal static class Bech32
{
    private const string Alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    private const uint Plain = 1;
    private const uint Modified = 0x2bc830a3;

    public static bool IsValid(ReadOnlySpan<byte> secret) => Sum(secret, "") is Plain or Modified;

    /// <summary>age's secret keys (https://age-encryption.org/v1): in upper case.</summary>
    public static bool IsAgeKey(ReadOnlySpan<byte> secret) => Sum(secret, "age-secret-key-") is Plain;

    private static uint? Sum(ReadOnlySpan<byte> text, string prefix)
    {
        var separator = text.LastIndexOf((byte)'1');
        if (separator < 1 || text.Length - separator < 7 || text.Length > 1000 || IsMixed(text))
        {
            return null;
        }

        var sum = 1u;
        for (var i = 0; i < separator; i++)
        {
            sum = Step(sum, (uint)(Lower(text[i]) >> 5));
            if (prefix.Length > 0 && (i >= prefix.Length || Lower(text[i]) != prefix[i]))
            {
                return null;
            }
        }

        sum = Step(sum, 0);
        for (var i = 0; i < separator; i++)
        {
            sum = Step(sum, (uint)(Lower(text[i]) & 31));
        }

        foreach (var c in text[(separator + 1)..])
        {
            var value = Alphabet.IndexOf((char)Lower(c), StringComparison.Ordinal);
            if (value < 0)
            {
                return null;
            }

            sum = Step(sum, (uint)value);
        }

        return prefix.Length > 0 && separator != prefix.Length ? null : sum;
    }

    private static uint Step(uint sum, uint value)
    {
        ReadOnlySpan<uint> generators = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
        var top = sum >> 25;
        sum = ((sum & 0x1ffffff) << 5) ^ value;
        for (var i = 0; i < generators.Length; i++)
        {
            sum ^= (top >> i & 1) != 0 ? generators[i] : 0;
        }

        return sum;
    }

    private static bool IsMixed(ReadOnlySpan<byte> text) =>
        text.ContainsAnyInRange((byte)'a', (byte)'z') && text.ContainsAnyInRange((byte)'A', (byte)'Z');

    private static byte Lower(byte c) => c is >= (byte)'A' and <= (byte)'Z' ? (byte)(c | 0x20) : c;
}
