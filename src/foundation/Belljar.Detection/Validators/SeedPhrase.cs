using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;

namespace Belljar.Detection.Validators;

/// <summary>BIP-39: 12 to 24 words of the English list (bip39-english.txt, the standard's own), the last of which carry a checksum.</summary>
internal static class SeedPhrase
{
    private const int BitsInAWord = 11;

    private static readonly Lazy<FrozenDictionary<string, int>> Words = new(Load);

    public static bool IsValid(ReadOnlySpan<byte> secret)
    {
        if (secret.Length > 512)
        {
            return false;
        }

        var words = Encoding.ASCII.GetString(secret).ToLowerInvariant()
            .Split([' ', '\t', '\r', '\n', ',', '"', '\'', '[', ']', '-', '_'], StringSplitOptions.RemoveEmptyEntries);
        if (words.Length is not (12 or 15 or 18 or 21 or 24))
        {
            return false;
        }

        Span<byte> bits = stackalloc byte[34];
        bits.Clear();
        for (var i = 0; i < words.Length; i++)
        {
            if (!Words.Value.TryGetValue(words[i], out var index))
            {
                return false;
            }

            for (var bit = 0; bit < BitsInAWord; bit++)
            {
                var place = (i * BitsInAWord) + bit;
                bits[place / 8] |= (byte)(((index >> (BitsInAWord - 1 - bit)) & 1) << (7 - (place % 8)));
            }
        }

        var entropy = words.Length * BitsInAWord * 32 / 33 / 8;
        var checksum = words.Length / 3;
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bits[..entropy], hash);
        return bits[entropy] >> (8 - checksum) == hash[0] >> (8 - checksum);
    }

    private static FrozenDictionary<string, int> Load()
    {
        using var stream = typeof(SeedPhrase).Assembly.GetManifestResourceStream("bip39-english.txt")!;
        using var reader = new StreamReader(stream, Encoding.ASCII);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Index().ToFrozenDictionary(item => item.Item, item => item.Index);
    }
}
