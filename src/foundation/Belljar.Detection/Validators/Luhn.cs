namespace Belljar.Detection.Validators;

/// <summary>ISO/IEC 7812-1 annex B, over 12 to 19 digits that spaces or hyphens may divide.</summary>
internal static class Luhn
{
    public static bool IsCardNumber(ReadOnlySpan<byte> secret)
    {
        Span<byte> digits = stackalloc byte[20];
        var count = 0;
        foreach (var c in secret)
        {
            if (c is (byte)' ' or (byte)'-')
            {
                continue;
            }

            if (c is < (byte)'0' or > (byte)'9' || count == 19)
            {
                return false;
            }

            digits[count++] = (byte)(c - '0');
        }

        digits = digits[..count];
        return count >= 12 && digits.ContainsAnyExcept(digits[0]) && Sum(digits) % 10 == 0;
    }

    private static int Sum(ReadOnlySpan<byte> digits)
    {
        var sum = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            var doubled = (digits.Length - i) % 2 == 0 ? digits[i] * 2 : digits[i];
            sum += doubled > 9 ? doubled - 9 : doubled;
        }

        return sum;
    }
}
