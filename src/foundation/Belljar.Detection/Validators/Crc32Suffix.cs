namespace Belljar.Detection.Validators;

/// <summary>
/// GitHub's and npm's tokens: a prefix that ends in an underscore, random characters, and their CRC-32 in base 62 as the
/// last six.
/// </summary>
internal static class Crc32Suffix
{
    private const int SumLength = 6;

    public static bool IsValid(ReadOnlySpan<byte> secret)
    {
        var body = secret[(secret.LastIndexOf((byte)'_') + 1)..];
        if (body.Length <= SumLength)
        {
            return false;
        }

        var sum = 0UL;
        foreach (var c in body[^SumLength..])
        {
            if (!char.IsAsciiLetterOrDigit((char)c))
            {
                return false;
            }

            var digit = c <= '9' ? c - '0' : c <= 'Z' ? c - 'A' + 10 : c - 'a' + 36;
            sum = (sum * 62) + (ulong)digit;
        }

        return sum == Crc32(body[..^SumLength]);
    }

    public static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
            }
        }

        return ~crc;
    }
}
