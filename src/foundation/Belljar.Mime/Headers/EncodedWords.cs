using System.Buffers;
using System.Text;
using Belljar.Mime.Encodings;

namespace Belljar.Mime.Headers;

/// <summary>
/// RFC 2047 in text, as senders really write it: words that touch their neighbours, that hold spaces or folds, and characters
/// that are cut in two between words of one charset are all decoded.
/// </summary>
internal static class EncodedWords
{
    private const int LongestCharset = 64;

    /// <summary>Unfolds, decodes and trims. What is no encoded word stays as it is.</summary>
    public static string Decode(ReadOnlySpan<byte> value, MimeMessage? message = null, int offset = 0)
    {
        value = value.Trim(" \t\r\n"u8);
        if (value.IndexOf("=?"u8) < 0)
        {
            return HeaderText.Unfold(value);
        }

        var text = new StringBuilder(value.Length);
        var word = new PendingWord(text, message, offset);
        var literal = 0;

        // Beginnings without an end are found once, not each by a look at all that follows.
        var lastEnd = value.LastIndexOf("?="u8);
        for (var at = 0; at < lastEnd;)
        {
            var next = value[at..].IndexOf("=?"u8);
            if (next < 0 || at + next >= lastEnd)
            {
                break;
            }

            at += next;
            if (!TryRead(value[at..], out var parts))
            {
                at += 2;
                continue;
            }

            // White space between two encoded words is not shown (RFC 2047, 6.2).
            var between = value[literal..at];
            if (!word.IsOpen || between.ContainsAnyExcept(" \t\r\n"u8))
            {
                word.Flush();
                HeaderText.AppendUnfolded(text, between);
            }

            word.Add(parts, value.Slice(at, parts.Length));
            at += parts.Length;
            literal = at;
        }

        word.Flush();
        HeaderText.AppendUnfolded(text, value[literal..]);
        return text.ToString();
    }

    /// <summary><c>=?charset[*language]?B|Q?text?=</c> at the start of the bytes.</summary>
    private static bool TryRead(ReadOnlySpan<byte> bytes, out WordParts parts)
    {
        parts = default;
        var question = bytes[2..Math.Min(bytes.Length, LongestCharset + 3)].IndexOf((byte)'?');
        var textStart = 2 + question + 3;
        if (question <= 0 || bytes.Length < textStart + 2 || bytes[textStart - 1] != '?')
        {
            return false;
        }

        var encoding = bytes[textStart - 2] | 0x20;
        var charset = bytes.Slice(2, question);
        if (encoding is not ('b' or 'q') || charset.ContainsAny(" \t\r\n"u8))
        {
            return false;
        }

        var length = bytes[textStart..].IndexOf("?="u8);
        if (length < 0)
        {
            return false;
        }

        var star = charset.IndexOf((byte)'*');
        parts = new WordParts(Encoding.Latin1.GetString(star < 0 ? charset : charset[..star]), encoding == 'b', textStart, length);
        return true;
    }

    private readonly record struct WordParts(string Charset, bool IsBase64, int TextStart, int TextLength)
    {
        public int Length => TextStart + TextLength + 2;
    }

    /// <summary>Decoded bytes of neighbouring words of one charset, not yet text.</summary>
    private sealed class PendingWord(StringBuilder text, MimeMessage? message, int offset)
    {
        private readonly ArrayBufferWriter<byte> _bytes = new();
        private string _charset = "";

        public bool IsOpen { get; private set; }

        public void Add(WordParts parts, ReadOnlySpan<byte> word)
        {
            if (IsOpen && !parts.Charset.Equals(_charset, StringComparison.OrdinalIgnoreCase))
            {
                Flush();
            }

            (IsOpen, _charset) = (true, parts.Charset);
            var encoded = word.Slice(parts.TextStart, parts.TextLength);
            var room = _bytes.GetSpan(encoded.Length + 4);
            _bytes.Advance(parts.IsBase64 ? Base64Text.Decode(encoded, room, out _) : DecodeQ(encoded, room));
        }

        public void Flush()
        {
            if (IsOpen)
            {
                text.Append(Charsets.Decode(_bytes.WrittenSpan, _charset, out var fault));
                if (fault is { } kind)
                {
                    message?.Report(kind, offset);
                }

                _bytes.ResetWrittenCount();
                IsOpen = false;
            }
        }
    }

    /// <summary>RFC 2047, 4.2: as quoted-printable, with <c>_</c> for a space. A fold inside a word is the sender's mistake and vanishes.</summary>
    private static int DecodeQ(ReadOnlySpan<byte> encoded, Span<byte> output)
    {
        var written = 0;
        for (var at = 0; at < encoded.Length; at++)
        {
            var value = encoded[at];
            if (value == '=' && at + 2 < encoded.Length && QuotedPrintable.TryHex(encoded[at + 1], encoded[at + 2], out var octet))
            {
                output[written++] = octet;
                at += 2;
            }
            else if (value is (byte)'\r' or (byte)'\n')
            {
                while (at + 1 < encoded.Length && encoded[at + 1] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
                {
                    at++;
                }
            }
            else
            {
                output[written++] = value == '_' ? (byte)' ' : value;
            }
        }

        return written;
    }
}
