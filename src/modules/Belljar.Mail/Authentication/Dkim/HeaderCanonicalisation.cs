using Belljar.Mime.Headers;

namespace Belljar.Mail.Authentication.Dkim;

/// <summary>What of the header is signed (RFC 6376, 3.4.1, 3.4.2, 3.7, 5.4.2).</summary>
internal static class HeaderCanonicalisation
{
    private static ReadOnlySpan<byte> CrLf => "\r\n"u8;

    /// <summary>
    /// The fields that h= names, each name taking the lowest field that was not taken yet and nothing where there is none left
    /// (so a name that stands once more than there are fields forbids another one), then the signature without its b=.
    /// </summary>
    public static void Write(HeaderFields fields, HeaderField signatureField, DkimSignature signature, HashWriter output)
    {
        var taken = new bool[fields.Count];
        foreach (var name in signature.Names)
        {
            for (var i = fields.Count - 1; i >= 0; i--)
            {
                if (!taken[i] && fields[i].IsNamed(name))
                {
                    taken[i] = true;
                    WriteField(fields[i], fields[i].RawValue.Span, signature.RelaxesHeader, output);
                    output.Write(CrLf);
                    break;
                }
            }
        }

        var value = signatureField.RawValue.Span;
        var (start, end) = FindSignatureValue(value);
        WriteField(signatureField, [.. value[..start], .. value[end..]], signature.RelaxesHeader, output);
    }

    /// <summary>Without its last line end.</summary>
    private static void WriteField(HeaderField field, ReadOnlySpan<byte> value, bool relaxed, HashWriter output)
    {
        value = value.EndsWith(CrLf) ? value[..^2] : value.EndsWith("\n"u8) ? value[..^1] : value;
        var raw = field.Raw.Span;
        var upToColon = raw[..^field.RawValue.Length];
        if (!relaxed)
        {
            output.Write(upToColon);
            output.Write(value);
            return;
        }

        var name = upToColon[..^1].TrimEnd(" \t"u8);
        Span<byte> lower = stackalloc byte[Math.Min(name.Length, 256)];
        for (; !name.IsEmpty; name = name[Math.Min(name.Length, lower.Length)..])
        {
            System.Text.Ascii.ToLower(name[..Math.Min(name.Length, lower.Length)], lower, out var length);
            output.Write(lower[..length]);
        }

        output.Write(":"u8);
        WriteUnfolded(value.Trim(" \t\r\n"u8), output);
    }

    /// <summary>A fold is CRLF before white space: the CRLF goes, the white space becomes one space with what surrounds it.</summary>
    private static void WriteUnfolded(ReadOnlySpan<byte> value, HashWriter output)
    {
        while (value.IndexOfAny("\r\n\t "u8) is >= 0 and var at)
        {
            var rest = value[at..].TrimStart(" \t\r\n"u8);
            output.Write(value[..at]);
            output.Write(" "u8);
            value = rest;
        }

        output.Write(value);
    }

    /// <summary>Where the value of b= stands, with the white space around it: from behind its <c>=</c> to the next <c>;</c> or the end.</summary>
    private static (int Start, int End) FindSignatureValue(ReadOnlySpan<byte> value)
    {
        for (var at = 0; at < value.Length;)
        {
            var semicolon = value[at..].IndexOf((byte)';');
            var end = semicolon < 0 ? value.Length : at + semicolon;
            var equals = value[at..end].IndexOf((byte)'=');
            if (equals >= 0 && value.Slice(at, equals).Trim(" \t\r\n"u8).SequenceEqual("b"u8))
            {
                return (at + equals + 1, end);
            }

            at = end + 1;
        }

        return (value.Length, value.Length);
    }
}
