using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Belljar.Protocols.Smtp;

/// <summary>The type of body that MAIL announced (RFC 6152). Bytes are kept as they come in either case.</summary>
public enum SmtpBody
{
    SevenBit,
    EightBitMime,
}

/// <summary>What MAIL said beside the address: SIZE (RFC 1870), BODY (RFC 6152), SMTPUTF8 (RFC 6531).</summary>
/// <param name="Size">The size that the client expects, in octets; null when it said none.</param>
public readonly record struct SmtpMailParameters(long? Size, SmtpBody Body, bool SmtpUtf8)
{
    private static readonly SearchValues<byte> KeywordBytes =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-"u8);

    private const int MostDigits = 20;

    /// <param name="takesAuth">Logins are offered here, so that AUTH= may stand there.</param>
    /// <returns>Null when the parameters are good, else the reply that says what is wrong.</returns>
    internal static SmtpReply? Parse(ReadOnlySpan<byte> text, bool extended, bool takesAuth, out SmtpMailParameters parameters)
    {
        parameters = default;
        var seen = "";
        while (TryTake(ref text, out var keyword, out var value, out var wellFormed))
        {
            if (!wellFormed)
            {
                return SmtpReplies.BadParameter;
            }

            var name = Encoding.ASCII.GetString(keyword).ToUpperInvariant();
            if (!extended || !(name is "SIZE" or "BODY" or "SMTPUTF8" || (name is "AUTH" && takesAuth)))
            {
                return SmtpReplies.UnknownParameter;
            }

            if (seen.Contains(name, StringComparison.Ordinal) || !parameters.TryWith(name, value, out parameters))
            {
                return SmtpReplies.BadParameter;
            }

            seen += name + " ";
        }

        return null;
    }

    /// <summary>Takes the next <c>KEYWORD[=value]</c> off the front; false when there is none left.</summary>
    internal static bool TryTake(
        ref ReadOnlySpan<byte> text, out ReadOnlySpan<byte> keyword, out ReadOnlySpan<byte> value, out bool wellFormed)
    {
        text = text.TrimStart((byte)' ');
        var end = text.IndexOf((byte)' ');
        var item = end < 0 ? text : text[..end];
        text = end < 0 ? default : text[end..];
        var equals = item.IndexOf((byte)'=');
        keyword = equals < 0 ? item : item[..equals];
        value = equals < 0 ? default : item[(equals + 1)..];
        wellFormed = !keyword.IsEmpty
            && !keyword.ContainsAnyExcept(KeywordBytes)
            && (equals < 0 || (!value.IsEmpty && !value.Contains((byte)'=')));
        return !item.IsEmpty;
    }

    private bool TryWith(string name, ReadOnlySpan<byte> value, out SmtpMailParameters parameters)
    {
        parameters = this;
        switch (name)
        {
            case "SIZE" when TrySize(value, out var size):
                parameters = this with { Size = size };
                return true;
            case "BODY" when Ascii.EqualsIgnoreCase(value, "7BIT"u8):
                return true;
            case "BODY" when Ascii.EqualsIgnoreCase(value, "8BITMIME"u8):
                parameters = this with { Body = SmtpBody.EightBitMime };
                return true;
            case "SMTPUTF8" when value.IsEmpty:
                parameters = this with { SmtpUtf8 = true };
                return true;

            // RFC 4954, 5: who submitted it to the client, if we trust the client to know. We do not.
            case "AUTH" when !value.IsEmpty:
                return true;
            default:
                return false;
        }
    }

    /// <summary>RFC 1870: up to 20 digits, which is more than a long holds; what does not fit is as large as can be.</summary>
    private static bool TrySize(ReadOnlySpan<byte> value, out long size)
    {
        size = long.MaxValue;
        if (value.Length is 0 or > MostDigits || value.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
        {
            return false;
        }

        if (Utf8Parser.TryParse(value, out long parsed, out _))
        {
            size = parsed;
        }

        return true;
    }
}
