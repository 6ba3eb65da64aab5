using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using Belljar.Testing;

namespace Belljar.Detection.Tests.Recall;

/// <summary>Values that need more than an alphabet: structures, checksums, words.</summary>
internal static class TokenMakers
{
    public static readonly IReadOnlyDictionary<string, Func<string, Random, string>> ByName = new Dictionary<string, Func<string, Random, string>>
    {
        ["uuid"] = (_, random) => Uuid(random),
        ["password"] = (length, random) => Password(int.Parse(length, CultureInfo.InvariantCulture), random),
        ["basic"] = (_, random) => Convert.ToBase64String(Encoding.UTF8.GetBytes($"deploy{random.Next(10)}:{Password(14, random)}")),
        ["aws-key-id"] = AwsKeyId,
        ["azure"] = AzureKeys.Make,
        ["gitlab"] = (_, random) => GitLab.Payload(random),
        ["discord"] = (_, random) => Discord(random),
        ["localpart"] = (_, random) => Convert.ToBase64String(Encoding.UTF8.GetBytes($"alice{random.Next(10, 99)}")).TrimEnd('='),
        ["jwt"] = (length, random) => Jwt(int.Parse(length, CultureInfo.InvariantCulture), random),
        ["pem"] = PemKeys.Make,
        ["putty"] = (_, random) => PemKeys.Putty(random),
        ["openvpn"] = (_, random) => PemKeys.OpenVpn(random),
        ["age"] = (_, random) => Checksums.Bech32("age-secret-key-", Bytes(32, random)).ToUpperInvariant(),
        ["nsec"] = (_, random) => Checksums.Bech32("nsec", Bytes(32, random)),
        ["card"] = Card,
        ["iban"] = Iban,
        ["ssn"] = (_, random) => $"{random.Next(100, 665)}-{random.Next(10, 99)}-{random.Next(1000, 9999)}",
        ["bip39"] = (words, random) => SeedPhrase(int.Parse(words, CultureInfo.InvariantCulture), random),
        ["wif"] = (_, random) => Checksums.Base58Check([0x80, .. Bytes(32, random), 1]),
        ["xprv"] = (_, random) => Checksums.Base58Check([0x04, 0x88, 0xAD, 0xE4, .. Bytes(41, random), 0, .. Bytes(32, random)]),
    };

    private static readonly Lazy<string[]> Words = new(() => File.ReadAllLines(
        Path.Combine(Repository.Root, "src", "foundation", "Belljar.Detection", "Validators", "bip39-english.txt")));

    public static byte[] Bytes(int length, Random random)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }

    private static string Uuid(Random random) => new Guid(Bytes(16, random)).ToString();

    /// <summary>As a password manager makes them: all four kinds of character, none that shells and URLs fight over.</summary>
    private static string Password(int length, Random random)
    {
        const string marks = "!*_-.+~";
        var text = (random.Pick(Alphabets.Lower, 1) + random.Pick(Alphabets.Upper, 1) + random.Pick(Alphabets.Digits, 2) + random.Pick(marks, 1)
            + random.Pick(Alphabets.Base62 + marks, length - 5)).ToCharArray();
        random.Shuffle(text.AsSpan(1));
        return new string(text);
    }

    /// <summary>Ten bytes in base32: one bit, the account's number of twelve decimal digits in 40 bits, and the rest random.</summary>
    private static string AwsKeyId(string prefix, Random random)
    {
        var account = random.NextInt64(100_000_000_000, 1_000_000_000_000);
        var number = (((BigInteger.One << 40) | account) << 39) | random.NextInt64(1L << 39);
        return prefix + string.Concat(Enumerable.Range(0, 16).Select(i => Alphabets.Base32[(int)((number >> (5 * (15 - i))) & 31)]));
    }

    /// <summary>A snowflake in base64, a time, an HMAC.</summary>
    private static string Discord(Random random)
    {
        var id = random.NextInt64(100_000_000_000_000_000, 999_999_999_999_999_999).ToString(CultureInfo.InvariantCulture);
        return $"{Convert.ToBase64String(Encoding.ASCII.GetBytes(id)).TrimEnd('=')}.G{random.Pick(Alphabets.ByName["url"], 5)}.{random.Pick(Alphabets.ByName["url"], 38)}";
    }

    private static string Jwt(int length, Random random)
    {
        var header = random.Next(2) == 0 ? """{"alg":"RS256","typ":"JWT"}""" : """{"alg":"HS256","typ":"JWT","kid":"k7"}""";
        var payload = $$"""{"iss":"https://login.acme7.example/","sub":"{{random.Next()}}","aud":"api","iat":1795300000,"exp":1795303600,"note":"{{random.Pick(Alphabets.Base62, length)}}"}""";
        return $"{Base64Url(Encoding.UTF8.GetBytes(header))}.{Base64Url(Encoding.UTF8.GetBytes(payload))}.{Base64Url(Bytes(random.Next(2) == 0 ? 32 : 256, random))}";
    }

    private static string Base64Url(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    private static string Card(string kind, Random random)
    {
        var (prefix, length) = kind switch
        {
            "mastercard" => ($"5{random.Next(1, 6)}", 16),
            "amex" => (random.Next(2) == 0 ? "34" : "37", 15),
            _ => ("4", 16),
        };
        var digits = prefix + random.Pick(Alphabets.Digits, length - 1 - prefix.Length);
        digits += Checksums.LuhnDigit(digits);
        return kind == "spaced" ? string.Join(' ', digits.Chunk(4).Select(part => new string(part))) : digits;
    }

    private static string Iban(string country, Random random)
    {
        var iban = country == "GB"
            ? Checksums.Iban("GB", random.Pick(Alphabets.Upper, 4) + random.Pick(Alphabets.Digits, 14))
            : Checksums.Iban("DE", random.Pick(Alphabets.Digits, 18));
        return country == "spaced" ? string.Join(' ', iban.Chunk(4).Select(part => new string(part))) : iban;
    }

    /// <summary>BIP 39: 11 bits a word, the last of them a hash of the others.</summary>
    private static string SeedPhrase(int words, Random random)
    {
        var entropy = Bytes(words * 4 / 3, random);
        var bits = string.Concat(entropy.Append(SHA256.HashData(entropy)[0]).Select(value => value.ToString("b8", CultureInfo.InvariantCulture)));
        return string.Join(' ', Enumerable.Range(0, words).Select(i => Words.Value[Convert.ToInt32(bits.Substring(i * 11, 11), 2)]));
    }
}
