using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Unicode;

namespace Belljar.Protocols.Smtp;

/// <summary>Reads Reverse-path and Forward-path (RFC 5321 §4.1.2, with the UTF-8 of RFC 6531 §3.3).</summary>
public static class SmtpPath
{
    private const int LongestLocalPart = 64;
    private const int LongestDomain = 255;
    private const int LongestLabel = 63;

    private static readonly SearchValues<byte> Atext =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-/=?^_`{|}~"u8);

    /// <summary>The underscore is in no RFC, and in many senders' host names.</summary>
    private static readonly SearchValues<byte> LetDigHyp =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"u8);

    /// <summary>Reads <c>&lt;path&gt;</c> from the front of the input and moves past it.</summary>
    /// <param name="input">Moved past the path on success only.</param>
    /// <param name="address">Null for the empty path <c>&lt;&gt;</c>.</param>
    /// <returns>False when the input does not begin with a path. UTF-8 is accepted; whether it may be used is the caller's question.</returns>
    public static bool TryParse(ref ReadOnlySpan<byte> input, out SmtpAddress? address)
    {
        address = null;
        var rest = input;
        if (!TrySkip(ref rest, (byte)'<'))
        {
            return false;
        }

        if (TrySkip(ref rest, (byte)'>'))
        {
            input = rest;
            return true;
        }

        if (!TrySkipSourceRoute(ref rest) || !TryReadLocalPart(ref rest, out var localPart))
        {
            return false;
        }

        var domain = "";
        var hasDomain = TrySkip(ref rest, (byte)'@');
        if (hasDomain && !TryReadDomain(ref rest, out domain))
        {
            return false;
        }

        // RFC 5321 §4.5.1: <Postmaster> is the one address that needs no domain.
        if ((!hasDomain && !localPart.Equals("postmaster", StringComparison.OrdinalIgnoreCase)) || !TrySkip(ref rest, (byte)'>'))
        {
            return false;
        }

        address = new SmtpAddress(localPart, domain);
        input = rest;
        return true;
    }

    /// <summary>Whether the bytes are a Domain or an address literal, whole.</summary>
    public static bool IsDomain(ReadOnlySpan<byte> text) => TryReadDomain(ref text, out _) && text.IsEmpty;

    /// <summary>"@one,@two:" says by which hosts to send; RFC 5321 appendix C: it is accepted and ignored.</summary>
    private static bool TrySkipSourceRoute(ref ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty || input[0] != (byte)'@')
        {
            return true;
        }

        while (TrySkip(ref input, (byte)'@') && TryReadDomain(ref input, out _))
        {
            if (TrySkip(ref input, (byte)':'))
            {
                return true;
            }

            if (!TrySkip(ref input, (byte)','))
            {
                return false;
            }
        }

        return false;
    }

    private static bool TryReadLocalPart(ref ReadOnlySpan<byte> input, out string localPart) =>
        !input.IsEmpty && input[0] == (byte)'"' ? TryReadQuoted(ref input, out localPart) : TryReadDotString(ref input, out localPart);

    private static bool TryReadDotString(ref ReadOnlySpan<byte> input, out string localPart)
    {
        localPart = "";
        var length = 0;
        var afterDot = true;
        for (; length < input.Length; length++)
        {
            var b = input[length];
            if (b == (byte)'.')
            {
                if (afterDot)
                {
                    return false;
                }

                afterDot = true;
            }
            else if (b >= 0x80 || Atext.Contains(b))
            {
                afterDot = false;
            }
            else
            {
                break;
            }
        }

        if (afterDot || length > LongestLocalPart || !TryDecode(input[..length], out localPart))
        {
            return false;
        }

        input = input[length..];
        return true;
    }

    private static bool TryReadQuoted(ref ReadOnlySpan<byte> input, out string localPart)
    {
        localPart = "";
        Span<byte> text = stackalloc byte[LongestLocalPart];
        var length = 0;
        for (var i = 1; i < input.Length; i++)
        {
            var b = input[i];
            if (b == (byte)'"')
            {
                input = input[(i + 1)..];
                return TryDecode(text[..length], out localPart);
            }

            if (b == (byte)'\\' && ++i < input.Length)
            {
                b = input[i];
                if (b >= 0x80)
                {
                    return false;
                }
            }

            if (b is < 0x20 or 0x7F || length == LongestLocalPart)
            {
                return false;
            }

            text[length++] = b;
        }

        return false;
    }

    private static bool TryReadDomain(ref ReadOnlySpan<byte> input, out string domain)
    {
        if (!input.IsEmpty && input[0] == (byte)'[')
        {
            return TryReadAddressLiteral(ref input, out domain);
        }

        domain = "";
        var length = 0;
        var label = 0;
        for (; length < input.Length; length++)
        {
            var b = input[length];
            if (b == (byte)'.')
            {
                if (!IsLabel(input[label..length]))
                {
                    return false;
                }

                label = length + 1;
            }
            else if (b < 0x80 && !LetDigHyp.Contains(b))
            {
                break;
            }
        }

        if (length > LongestDomain || !IsLabel(input[label..length]) || !TryDecode(input[..length], out domain))
        {
            return false;
        }

        input = input[length..];
        return true;
    }

    private static bool IsLabel(ReadOnlySpan<byte> label) =>
        label.Length is > 0 and <= LongestLabel && label[0] != (byte)'-' && label[^1] != (byte)'-';

    private static bool TryReadAddressLiteral(ref ReadOnlySpan<byte> input, out string domain)
    {
        domain = "";
        var end = input.IndexOf((byte)']');
        if (end is < 2 or > LongestDomain || !Ascii.IsValid(input[..end]))
        {
            return false;
        }

        var literal = Encoding.ASCII.GetString(input[1..end]);
        if (!IsIPv4(literal) && !IsIPv6(literal))
        {
            return false;
        }

        domain = $"[{literal}]";
        input = input[(end + 1)..];
        return true;
    }

    /// <summary>Four decimal numbers: the platform's parser alone would also take 127.1 and 0x7f000001.</summary>
    private static bool IsIPv4(string literal) =>
        literal.Split('.') is { Length: 4 } parts
        && parts.All(part => part.Length is > 0 and <= 3 && part.All(char.IsAsciiDigit) && int.Parse(part) <= byte.MaxValue);

    private static bool IsIPv6(string literal) =>
        literal.StartsWith("IPv6:", StringComparison.OrdinalIgnoreCase)
        && !literal.AsSpan(5).ContainsAny("%[]/")
        && IPAddress.TryParse(literal.AsSpan(5), out var address)
        && address.AddressFamily == AddressFamily.InterNetworkV6;

    private static bool TryDecode(ReadOnlySpan<byte> bytes, out string text)
    {
        var valid = Utf8.IsValid(bytes);
        text = valid ? Encoding.UTF8.GetString(bytes) : "";
        return valid;
    }

    private static bool TrySkip(ref ReadOnlySpan<byte> input, byte expected)
    {
        if (input.IsEmpty || input[0] != expected)
        {
            return false;
        }

        input = input[1..];
        return true;
    }
}
