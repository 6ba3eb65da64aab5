using System.Text;
using Belljar.Mime.Encodings;

namespace Belljar.Mime.Headers;

/// <summary>Bytes of a field to a string.</summary>
internal static class HeaderText
{
    /// <summary>Takes the line ends out (RFC 5322, 2.2.3: the white space behind them stays) and trims.</summary>
    public static string Unfold(ReadOnlySpan<byte> value)
    {
        value = value.Trim(" \t\r\n"u8);
        if (!value.Contains((byte)'\n'))
        {
            return Decode(value);
        }

        var text = new StringBuilder(value.Length);
        AppendUnfolded(text, value);
        return text.ToString();
    }

    /// <summary>Appends without trimming. A fold with all its white space becomes one space, as people read it.</summary>
    public static void AppendUnfolded(StringBuilder text, ReadOnlySpan<byte> value)
    {
        while (!value.IsEmpty)
        {
            var newline = value.IndexOf((byte)'\n');
            if (newline < 0)
            {
                text.Append(Decode(value));
                return;
            }

            var line = value[..newline];
            value = value[(newline + 1)..];
            var rest = value.TrimStart(" \t\r\n"u8);
            text.Append(Decode(line.TrimEnd(" \t\r"u8)));
            text.Append(' ');
            value = rest;
        }
    }

    /// <summary>UTF-8 (RFC 6532), or windows-1252 where it is not: the likeliest of what senders of raw bytes mean.</summary>
    public static string Decode(ReadOnlySpan<byte> bytes) => Charsets.DecodeUndeclared(bytes);
}
