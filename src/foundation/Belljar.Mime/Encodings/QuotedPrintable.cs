namespace Belljar.Mime.Encodings;

/// <summary>RFC 2045, 6.7. An equals sign that encodes nothing stays as it is.</summary>
internal static class QuotedPrintable
{
    /// <summary>The output is at least as long as the input; gives the number of bytes written.</summary>
    public static int Decode(ReadOnlySpan<byte> encoded, Span<byte> output, out bool isClean)
    {
        isClean = true;
        var written = 0;
        while (!encoded.IsEmpty)
        {
            var special = encoded.IndexOfAny((byte)'=', (byte)'\n');
            if (special < 0)
            {
                special = encoded.Length;
            }

            var text = encoded[..special];
            encoded = encoded[special..];
            if (encoded is [(byte)'\n', ..])
            {
                // Rule 3: white space at the end of a line was added on the way. What was encoded is not in this run.
                encoded = encoded[1..];
                text = text is [.., (byte)'\r'] ? text[..^1] : text;
                written += Copy(text.TrimEnd(" \t"u8), output[written..]);
                output[written++] = (byte)'\n';
                continue;
            }

            written += Copy(text, output[written..]);
            if (encoded.IsEmpty)
            {
                break;
            }

            if (encoded.Length > 2 && TryHex(encoded[1], encoded[2], out var octet))
            {
                output[written++] = octet;
                encoded = encoded[3..];
                continue;
            }

            if (TrySoftBreak(encoded, out var length))
            {
                encoded = encoded[length..];
                continue;
            }

            isClean = false;
            output[written++] = (byte)'=';
            encoded = encoded[1..];
        }

        return written;
    }

    public static bool TryHex(byte high, byte low, out byte value)
    {
        var (h, l) = (Digit(high), Digit(low));
        value = (byte)((h << 4) | (l & 15));
        return h >= 0 && l >= 0;
    }

    private static int Copy(ReadOnlySpan<byte> text, Span<byte> output)
    {
        text.CopyTo(output);
        return text.Length;
    }

    /// <summary>An equals sign at the end of its line, or of the text, white space allowed behind it.</summary>
    private static bool TrySoftBreak(ReadOnlySpan<byte> encoded, out int length)
    {
        length = 1;
        while (length < encoded.Length && encoded[length] is (byte)' ' or (byte)'\t')
        {
            length++;
        }

        if (length == encoded.Length)
        {
            return true;
        }

        if (encoded[length] == '\r' && length + 1 < encoded.Length && encoded[length + 1] == '\n')
        {
            length++;
        }

        return encoded[length++] == '\n';
    }

    private static int Digit(byte octet) => octet switch
    {
        >= (byte)'0' and <= (byte)'9' => octet - '0',
        >= (byte)'A' and <= (byte)'F' => octet - 'A' + 10,
        >= (byte)'a' and <= (byte)'f' => octet - 'a' + 10,
        _ => -1,
    };
}
