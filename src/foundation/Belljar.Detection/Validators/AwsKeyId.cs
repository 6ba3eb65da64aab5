namespace Belljar.Detection.Validators;

/// <summary>
/// An AWS access key id: four letters and sixteen digits of base 32. Those issued since 2019 carry the account's number in
/// the first forty bits (their first digit is Q or later), which must have twelve decimal digits.
/// </summary>
internal static class AwsKeyId
{
    private const long LargestAccount = 999_999_999_999;

    public static bool IsValid(ReadOnlySpan<byte> secret)
    {
        if (secret.Length != 20)
        {
            return false;
        }

        var bits = 0L;
        for (var i = 4; i < secret.Length; i++)
        {
            var c = secret[i];
            var five = c is >= (byte)'A' and <= (byte)'Z' ? c - 'A' : c is >= (byte)'2' and <= (byte)'7' ? c - '2' + 26 : -1;
            if (five < 0)
            {
                return false;
            }

            bits = i < 14 ? (bits << 5) | (uint)five : bits;
        }

        // Ten digits are fifty bits: one that is set in these keys, forty of the account, nine of something else.
        return secret[4] < 'Q' || ((bits >> 9) & ((1L << 40) - 1)) <= LargestAccount;
    }
}
