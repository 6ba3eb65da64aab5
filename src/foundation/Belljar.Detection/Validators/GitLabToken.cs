namespace Belljar.Detection.Validators;

/// <summary>
/// GitLab's routable tokens: base64url, a dot, perhaps a version and a dot, the length of the base64url in two digits of base
/// 36, and seven of the CRC-32 of all before. Tokens without a dot carry no checksum.
/// </summary>
internal static class GitLabToken
{
    private const int SumLength = 7;
    private const int Tail = 2 + SumLength;

    public static bool IsValid(ReadOnlySpan<byte> secret)
    {
        // A prefix of an instance's own may hold a dot too.
        var prefix = Math.Max(0, secret.IndexOf("gl"u8));
        var dot = prefix + secret[prefix..].IndexOf((byte)'.');
        if (dot < prefix)
        {
            return true;
        }

        if (secret.Length - dot - 1 < Tail || !TryReadBase36(secret[^SumLength..], out var sum) || !TryReadBase36(secret[^Tail..^SumLength], out var length))
        {
            return false;
        }

        // The prefix ends with a dash, and base64url may hold more of them: its length tells which.
        if ((ulong)(dot - prefix) <= length || secret[dot - (int)length - 1] is not ((byte)'-' or (byte)'_'))
        {
            return false;
        }

        // The sum covers the prefix that an instance was given, of which only the end may be here.
        for (var start = 0; start <= prefix; start++)
        {
            if (Crc32Suffix.Crc32(secret[start..^SumLength]) == sum)
            {
                return true;
            }
        }

        return false;
    }

    private static bool TryReadBase36(ReadOnlySpan<byte> text, out ulong number)
    {
        number = 0;
        foreach (var c in text)
        {
            if (c is not ((>= (byte)'0' and <= (byte)'9') or (>= (byte)'a' and <= (byte)'z')))
            {
                return false;
            }

            number = (number * 36) + (ulong)(c <= '9' ? c - '0' : c - 'a' + 10);
        }

        return true;
    }
}
