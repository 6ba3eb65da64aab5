using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Belljar.Net;

public enum HostKind
{
    /// <summary>A DNS name.</summary>
    Name,

    /// <summary>An IP address in its usual spelling.</summary>
    Address,

    /// <summary>
    /// Something that some readers take for an IP address or another name: <c>0x7f.1</c>, <c>017700000001</c>,
    /// <c>2130706433</c>, <c>127.1</c>, <c>127.0.0.1.</c>, <c>localhost.</c>. Refused, so that nobody guesses.
    /// </summary>
    Odd,
}

/// <summary>What a host means, before anybody is asked to resolve it.</summary>
/// <param name="Address">For <see cref="HostKind.Address"/>; for <see cref="HostKind.Odd"/> what <c>inet_aton</c> would make of it, or null.</param>
public readonly record struct HostSpelling(HostKind Kind, IPAddress? Address)
{
    private const int MostParts = 4;

    /// <param name="host">Lower case, IPv6 without brackets.</param>
    public static HostSpelling Of(string host)
    {
        if (host.Contains(':'))
        {
            return IPAddress.TryParse(host, out var v6) && v6.AddressFamily is AddressFamily.InterNetworkV6 && !host.Contains('%')
                ? new HostSpelling(HostKind.Address, v6)
                : new HostSpelling(HostKind.Odd, null);
        }

        var hasTrailingDot = host.EndsWith('.');
        var name = hasTrailingDot ? host[..^1] : host;
        if (!EndsInNumber(name))
        {
            return new HostSpelling(hasTrailingDot || name.Length == 0 ? HostKind.Odd : HostKind.Name, null);
        }

        var address = InetAton(name);
        return new HostSpelling(address?.ToString() == host ? HostKind.Address : HostKind.Odd, address);
    }

    /// <summary>No top-level domain is a number (WHATWG URL §3.5): what ends in one is an address or nothing.</summary>
    private static bool EndsInNumber(string name)
    {
        var last = name[(name.LastIndexOf('.') + 1)..];
        return last.Length > 0 && (last.All(char.IsAsciiDigit)
            || (last.StartsWith("0x", StringComparison.OrdinalIgnoreCase) && last[2..].All(char.IsAsciiHexDigit)));
    }

    /// <summary>One to four numbers, each decimal, octal (0…) or hexadecimal (0x…); the last fills what is left.</summary>
    private static IPAddress? InetAton(string text)
    {
        var parts = text.Split('.');
        if (parts.Length > MostParts)
        {
            return null;
        }

        uint value = 0;
        for (var i = 0; i < parts.Length; i++)
        {
            var isLast = i == parts.Length - 1;
            var room = isLast ? 8 * (MostParts - i) : 8;
            if (!TryNumber(parts[i], out var number) || (room < 32 && number >> room != 0))
            {
                return null;
            }

            value |= isLast ? number : number << (24 - (8 * i));
        }

        return new IPAddress([(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value]);
    }

    private static bool TryNumber(string text, out uint number)
    {
        if (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            number = 0;
            return text.Length == 2 || uint.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number);
        }

        if (text.Length > 1 && text[0] == '0')
        {
            return TryOctal(text, out number);
        }

        return uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    private static bool TryOctal(string text, out uint number)
    {
        ulong value = 0;
        foreach (var digit in text)
        {
            value = (value << 3) | (uint)(digit - '0');
            if (digit is < '0' or > '7' || value > uint.MaxValue)
            {
                number = 0;
                return false;
            }
        }

        number = (uint)value;
        return true;
    }
}
