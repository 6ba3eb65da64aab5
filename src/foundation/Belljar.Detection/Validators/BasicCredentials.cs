using System.Buffers;
using System.Buffers.Text;

namespace Belljar.Detection.Validators;

/// <summary>RFC 7617: base64 of a name, a colon and a password. What the password must look like, <see cref="PasswordShape"/> says.</summary>
internal static class BasicCredentials
{
    private const int Longest = 512;

    public static bool IsOne(ReadOnlySpan<byte> secret)
    {
        Span<byte> padded = stackalloc byte[Longest];
        if (secret.Length > Longest - 4)
        {
            return false;
        }

        secret.CopyTo(padded);
        var length = secret.Length;
        while (length % 4 != 0)
        {
            padded[length++] = (byte)'=';
        }

        Span<byte> plain = stackalloc byte[Longest];
        if (Base64.DecodeFromUtf8(padded[..length], plain, out _, out var written) != OperationStatus.Done)
        {
            return false;
        }

        plain = plain[..written];
        var colon = plain.IndexOf((byte)':');
        return colon >= 0
            && !plain.ContainsAnyExceptInRange((byte)' ', (byte)'~')
            && PasswordShape.IsPassword(plain[(colon + 1)..]);
    }
}
