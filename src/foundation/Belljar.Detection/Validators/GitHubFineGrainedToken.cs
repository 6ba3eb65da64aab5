using System.Security.Cryptography;

namespace Belljar.Detection.Validators;

/// <summary>
/// <c>github_pat_</c>, 22 characters, an underscore, 43 characters; then the first forty bits of the SHA-256 of all that in
/// base32, and eight characters more.
/// </summary>
internal static class GitHubFineGrainedToken
{
    private const int Length = 93;
    private const int SumStart = 77;
    private const int SumLength = 8;

    private static ReadOnlySpan<byte> Base32 => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"u8;

    public static bool IsValid(ReadOnlySpan<byte> secret)
    {
        if (secret.Length != Length)
        {
            return false;
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(secret[..SumStart], hash);
        for (var i = 0; i < SumLength; i++)
        {
            var bits = (hash[i * 5 / 8] << 8) | hash[(i * 5 / 8) + 1];
            if (secret[SumStart + i] != Base32[(bits >> (11 - (i * 5 % 8))) & 31])
            {
                return false;
            }
        }

        return true;
    }
}
