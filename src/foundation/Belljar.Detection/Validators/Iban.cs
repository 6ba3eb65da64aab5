using System.Collections.Frozen;

namespace Belljar.Detection.Validators;

/// <summary>ISO 13616: the country's length, and ISO 7064's mod 97-10.</summary>
internal static class Iban
{
    /// <summary>From the SWIFT registry of IBAN formats.</summary>
    private static readonly FrozenDictionary<string, int> Lengths =
        ("AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 "
        + "GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 "
        + "MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 "
        + "TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30")
        .Split(' ').ToFrozenDictionary(entry => entry[..2], entry => int.Parse(entry.AsSpan(2)));

    public static bool IsValid(ReadOnlySpan<byte> secret)
    {
        Span<byte> compact = stackalloc byte[34];
        var count = 0;
        foreach (var c in secret)
        {
            if (c is (byte)' ' or (byte)'-')
            {
                continue;
            }

            if (!char.IsAsciiLetterOrDigit((char)c) || count == compact.Length)
            {
                return false;
            }

            compact[count++] = (byte)char.ToUpperInvariant((char)c);
        }

        if (count < 15 || !Lengths.TryGetValue($"{(char)compact[0]}{(char)compact[1]}", out var length) || length != count)
        {
            return false;
        }

        var rest = 0;
        for (var i = 0; i < count; i++)
        {
            // The country and the check digits count last.
            var c = compact[(i + 4) % count];
            rest = c <= '9' ? ((rest * 10) + c - '0') % 97 : ((rest * 100) + c - 'A' + 10) % 97;
        }

        return rest == 1;
    }
}
