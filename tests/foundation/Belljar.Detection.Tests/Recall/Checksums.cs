using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace Belljar.Detection.Tests.Recall;

/// <summary>Checksums as their documents describe them, written apart from the validators that they test.</summary>
internal static class Checksums
{
    /// <summary>ISO 3309, reflected, as in zip.</summary>
    public static uint Crc32(string text)
    {
        var crc = uint.MaxValue;
        foreach (var value in Encoding.ASCII.GetBytes(text))
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
            }
        }

        return ~crc;
    }

    public static string Base62(uint number, int width)
    {
        var text = "";
        for (; number > 0; number /= 62)
        {
            text = Alphabets.Base62[(int)(number % 62)] + text;
        }

        return text.PadLeft(width, '0');
    }

    public static string Base36(uint number, int width)
    {
        var text = "";
        for (; number > 0; number /= 36)
        {
            text = Alphabets.ByName["b36"][(int)(number % 36)] + text;
        }

        return text.PadLeft(width, '0');
    }

    public static string Base32(byte[] bytes)
    {
        var bits = string.Concat(bytes.Select(value => value.ToString("b8", System.Globalization.CultureInfo.InvariantCulture)));
        return string.Concat(bits.Chunk(5).Where(five => five.Length == 5).Select(five => Alphabets.Base32[Convert.ToInt32(new string(five), 2)]));
    }

    /// <summary>Marvin32, step by step as SymCrypt's description has it, folded to 32 bits.</summary>
    public static uint Marvin(byte[] bytes, string seed)
    {
        uint Word(int at) => (uint)(bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24));
        var (s0, s1) = (BinaryPrimitives.ReadUInt32BigEndian(Encoding.ASCII.GetBytes(seed[4..])), BinaryPrimitives.ReadUInt32BigEndian(Encoding.ASCII.GetBytes(seed[..4])));
        void Block(uint value)
        {
            s0 += value;
            s1 ^= s0;
            s0 = (s0 << 20) | (s0 >> 12);
            s0 += s1;
            s1 = (s1 << 9) | (s1 >> 23);
            s1 ^= s0;
            s0 = (s0 << 27) | (s0 >> 5);
            s0 += s1;
            s1 = (s1 << 19) | (s1 >> 13);
        }

        var at = 0;
        for (; at + 4 <= bytes.Length; at += 4)
        {
            Block(Word(at));
        }

        var last = 0x80u;
        for (var i = bytes.Length - 1; i >= at; i--)
        {
            last = (last << 8) | bytes[i];
        }

        Block(last);
        Block(0);
        return s0 ^ s1;
    }

    /// <summary>The digit that makes a number pass ISO/IEC 7812-1 annex B.</summary>
    public static char LuhnDigit(string digits)
    {
        var sum = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            var digit = digits[^(i + 1)] - '0';
            var weighted = i % 2 == 0 ? digit * 2 : digit;
            sum += weighted > 9 ? weighted - 9 : weighted;
        }

        return (char)('0' + ((10 - (sum % 10)) % 10));
    }

    /// <summary>ISO 13616: country, two check digits, account.</summary>
    public static string Iban(string country, string account)
    {
        var digits = string.Concat($"{account}{country}00".Select(c => char.IsDigit(c) ? c.ToString() : (c - 'A' + 10).ToString(System.Globalization.CultureInfo.InvariantCulture)));
        return $"{country}{98 - (int)(BigInteger.Parse(digits, System.Globalization.CultureInfo.InvariantCulture) % 97):00}{account}";
    }

    public static string Base58Check(byte[] payload)
    {
        var whole = payload.Concat(SHA256.HashData(SHA256.HashData(payload)).Take(4)).ToArray();
        var number = new BigInteger(whole, isUnsigned: true, isBigEndian: true);
        var text = "";
        for (; number > 0; number /= 58)
        {
            text = Alphabets.Base58[(int)(number % 58)] + text;
        }

        return new string('1', whole.TakeWhile(value => value == 0).Count()) + text;
    }

    /// <summary>BIP 173.</summary>
    public static string Bech32(string prefix, byte[] data)
    {
        var groups = new List<int>();
        var (bits, pending) = (0, 0);
        foreach (var value in data)
        {
            pending = (pending << 8) | value;
            for (bits += 8; bits >= 5; bits -= 5)
            {
                groups.Add((pending >> (bits - 5)) & 31);
            }
        }

        if (bits > 0)
        {
            groups.Add((pending << (5 - bits)) & 31);
        }

        int[] expanded = [.. prefix.Select(c => c >> 5), 0, .. prefix.Select(c => c & 31), .. groups, 0, 0, 0, 0, 0, 0];
        var sum = Polymod(expanded) ^ 1;
        var check = Enumerable.Range(0, 6).Select(i => (int)((sum >> (5 * (5 - i))) & 31));
        return prefix + "1" + string.Concat(groups.Concat(check).Select(value => Alphabets.Bech32[value]));
    }

    private static uint Polymod(IEnumerable<int> values)
    {
        uint[] generators = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
        var sum = 1u;
        foreach (var value in values)
        {
            var top = sum >> 25;
            sum = ((sum & 0x1ffffff) << 5) ^ (uint)value;
            for (var i = 0; i < 5; i++)
            {
                sum ^= ((top >> i) & 1) != 0 ? generators[i] : 0;
            }
        }

        return sum;
    }
}
