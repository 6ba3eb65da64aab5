namespace Belljar.Detection.Validators;

/// <summary>
/// A number that the United States could have issued: no area 000, 666 or 900 and above, no group 00, no serial 0000, and
/// none of those that became known from advertisements.
/// </summary>
internal static class SocialSecurityNumber
{
    private static readonly int[] Advertised = [078_05_1120, 219_09_9999, 123_45_6789, 457_55_5462];

    public static bool IsPossible(ReadOnlySpan<byte> secret)
    {
        var (number, count) = (0, 0);
        foreach (var c in secret)
        {
            if (c is >= (byte)'0' and <= (byte)'9')
            {
                if (++count > 9)
                {
                    return false;
                }

                number = (number * 10) + c - '0';
            }
            else if (c is not ((byte)'-' or (byte)' '))
            {
                return false;
            }
        }

        var (area, group, serial) = (number / 1_000_000, number / 10_000 % 100, number % 10_000);
        return count == 9 && area is > 0 and not 666 and < 900 && group > 0 && serial > 0 && !Advertised.Contains(number);
    }
}
