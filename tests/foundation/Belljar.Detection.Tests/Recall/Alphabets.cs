namespace Belljar.Detection.Tests.Recall;

/// <summary>The characters that tokens are made of, under the names that <c>token-formats.txt</c> uses.</summary>
internal static class Alphabets
{
    public const string Digits = "0123456789";
    public const string Upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    public const string Lower = "abcdefghijklmnopqrstuvwxyz";
    public const string Base62 = Digits + Upper + Lower;
    public const string Base32 = Upper + "234567";
    public const string Base58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    public const string Bech32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

    public static readonly IReadOnlyDictionary<string, string> ByName = new Dictionary<string, string>
    {
        ["hex"] = Digits + "abcdef",
        ["HEX"] = Digits + "ABCDEF",
        ["dig"] = Digits,
        ["low"] = Lower,
        ["up"] = Upper,
        ["alpha"] = Upper + Lower,
        ["b36"] = Digits + Lower,
        ["B36"] = Digits + Upper,
        ["b62"] = Base62,
        ["b64"] = Base62 + "+/",
        ["url"] = Base62 + "-_",
        ["b32"] = Base32,
        ["b32l"] = Lower + "234567",
        ["b58"] = Base58,
        ["bech"] = Bech32,
        ["ad"] = "ABCD",
        ["al"] = "ABCDEFGHIJKL",
        ["ap"] = "ABCDEFGHIJKLMNOP",

        // What base64 of 64 and of 32 bytes can end with: the last character holds fewer than six bits.
        ["agwq"] = "AQgw",
        ["aei"] = "AEIMQUYcgkosw048",
        ["square"] = "lE",
        ["django"] = Lower + Digits + "!@#%^&*(-_=+)",
    };

    public static string Pick(this Random random, string alphabet, int length) =>
        string.Create(length, (random, alphabet), static (text, state) =>
        {
            foreach (ref var c in text)
            {
                c = state.alphabet[state.random.Next(state.alphabet.Length)];
            }
        });
}
