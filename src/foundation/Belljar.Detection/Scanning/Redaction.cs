using System.Security.Cryptography;
using System.Text;

namespace Belljar.Detection.Scanning;

/// <summary>What may be shown of a secret.</summary>
internal static class Redaction
{
    private const string Gap = "…";

    /// <summary>Of a long secret both ends, of a middling one less, of a short one nothing.</summary>
    public static string Sample(ReadOnlySpan<byte> secret)
    {
        var shown = secret.Length switch { >= 24 => 4, >= 14 => 2, _ => 0 };
        return $"{Text(secret[..shown])}{Gap}{Text(secret[^shown..])}";
    }

    /// <summary>24 bits: enough to tell two secrets of a file apart, and no help in guessing one.</summary>
    public static int Tag(string ruleId, ReadOnlySpan<byte> secret)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        sha.AppendData(Encoding.UTF8.GetBytes(ruleId));
        sha.AppendData([0]);
        sha.AppendData(secret);
        sha.GetHashAndReset(hash);
        return (hash[0] << 16) | (hash[1] << 8) | hash[2];
    }

    private static string Text(ReadOnlySpan<byte> bytes)
    {
        Span<char> text = stackalloc char[bytes.Length];
        for (var i = 0; i < bytes.Length; i++)
        {
            text[i] = bytes[i] is > 0x20 and < 0x7f ? (char)bytes[i] : '·';
        }

        return new string(text);
    }
}
