using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Belljar.Manifest;

/// <summary>
/// IP addresses in their one usual spelling. <see cref="IPAddress.Parse(string)"/> also takes <c>0x7f.1</c>, <c>010.0.0.1</c>
/// and <c>1</c>; in a file such a spelling is a mistake, so it is refused.
/// </summary>
public static class Address
{
    public static readonly SettingsType<IPAddress> Ip = new("an IP address", IPAddress.Loopback, TryIp);

    /// <summary>A network or a single address: <c>10.0.0.0/8</c>, <c>fd00::/8</c>, <c>192.0.2.7</c>. No bits beyond the prefix.</summary>
    public static readonly SettingsType<IPNetwork> Network = new(
        "an IP address or a network such as 10.0.0.0/8", new IPNetwork(IPAddress.Loopback, 32), TryNetwork);

    /// <summary>An address to listen on: <c>127.0.0.1:25</c>, <c>[::1]:25</c>; port 0 lets the system choose one.</summary>
    public static readonly SettingsType<IPEndPoint> Listen = new(
        "an IP address and a port such as 127.0.0.1:25 or [::1]:25 (port 0: any free one)", new IPEndPoint(IPAddress.Loopback, 0), TryListen);

    private static bool TryIp(string text, out IPAddress value)
    {
        value = IPAddress.Loopback;
        if (text.Length > 45 || text.Contains('%') || text.Contains('[') || !IPAddress.TryParse(text, out var address))
        {
            return false;
        }

        value = address;
        return address.AddressFamily is AddressFamily.InterNetworkV6 || address.ToString() == text;
    }

    private static bool TryNetwork(string text, out IPNetwork value)
    {
        value = default;
        var slash = text.IndexOf('/');
        if (!TryIp(slash < 0 ? text : text[..slash], out var address))
        {
            return false;
        }

        var bits = address.AddressFamily is AddressFamily.InterNetwork ? 32 : 128;
        var length = bits;
        if (slash >= 0 && !(int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out length) && length <= bits))
        {
            return false;
        }

        return IPNetwork.TryParse($"{address}/{length}", out value) && value.BaseAddress.Equals(address);
    }

    private static bool TryListen(string text, out IPEndPoint value)
    {
        value = new IPEndPoint(IPAddress.Loopback, 0);
        var colon = text.LastIndexOf(':');
        if (colon < 1 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
        {
            return false;
        }

        var host = text[..colon];
        var isBracketed = host is ['[', .., ']'];
        if (!TryIp(isBracketed ? host[1..^1] : host, out var address) || isBracketed != (address.AddressFamily is AddressFamily.InterNetworkV6))
        {
            return false;
        }

        value = new IPEndPoint(address, port);
        return true;
    }
}
