using System.Buffers.Text;

namespace Belljar.Detection.Validators;

/// <summary>RFC 7468 and its relatives: between the lines there must be a key, not dots or a word.</summary>
internal static class PemKey
{
    private const int SmallestKey = 32;

    public static bool IsValid(ReadOnlySpan<byte> secret)
    {
        var header = secret.IndexOf("-----BEGIN"u8);
        if (header < 0)
        {
            return false;
        }

        var rest = secret[(header + 10)..];
        var dashes = rest.IndexOf("-----"u8);
        if (dashes < 0)
        {
            return false;
        }

        var isPgp = rest[..dashes].IndexOf("PGP"u8) >= 0;
        var body = rest[(dashes + 5)..];
        var footer = body.IndexOf("-----END"u8);
        return IsKey(footer < 0 ? body : body[..footer], isPgp);
    }

    private static bool IsKey(ReadOnlySpan<byte> body, bool isPgp)
    {
        var encoded = new byte[body.Length];
        var length = 0;
        var lineStart = 0;
        for (var at = 0; at < body.Length; at++)
        {
            var c = body[at];
            if (c == '\\' && at + 1 < body.Length && body[at + 1] is (byte)'n' or (byte)'r' or (byte)'t')
            {
                at++;
                lineStart = c == '\\' ? length : lineStart;
            }
            else if (c == ':')
            {
                // "Proc-Type: 4,ENCRYPTED": the rest of the line is no key either.
                length = lineStart;
                var end = body[at..].IndexOfAny("\r\n\\"u8);
                at += end < 0 ? body.Length - at : end - 1;
            }
            else if (c is (byte)'\n' or (byte)'\r')
            {
                lineStart = length;
            }
            else if (c == '+' && length == lineStart)
            {
                // A diff's mark of an added line; of a key's own, one in 64 lines loses a character that no check needs.
            }
            else if (isPgp && c == '=' && length == lineStart)
            {
                break; // RFC 9580's checksum line.
            }
            else if (char.IsAsciiLetterOrDigit((char)c) || c is (byte)'+' or (byte)'/')
            {
                encoded[length++] = c;
            }
            else if (c is not ((byte)' ' or (byte)'\t' or (byte)'=' or (byte)'"' or (byte)'\'' or (byte)',' or (byte)'\\' or (byte)'#' or (byte)'*' or (byte)'-'))
            {
                return false;
            }
        }

        length &= ~3;
        var key = new byte[Base64.GetMaxDecodedFromUtf8Length(length)];
        Base64.DecodeFromUtf8(encoded.AsSpan(0, length), key, out _, out var decoded);
        return decoded >= SmallestKey && key.AsSpan(0, decoded).ContainsAnyExcept(key[1]) && (isPgp ? key[0] >= 0x80 : IsDerOrOpenSsh(key.AsSpan(0, decoded)) || HasEncryptionHeader(body));
    }

    private static bool IsDerOrOpenSsh(ReadOnlySpan<byte> key) => key[0] == 0x30 || key.StartsWith("openssh-key-v1"u8);

    private static bool HasEncryptionHeader(ReadOnlySpan<byte> body) => body.IndexOf("DEK-Info"u8) >= 0;
}
