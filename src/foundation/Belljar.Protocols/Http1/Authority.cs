using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Belljar.Protocols.Http1;

/// <summary>
/// A host and perhaps a port, as in a Host field or a request target. Strict: a name of letters, digits, hyphens,
/// underscores and dots, or a bracketed IPv6 address without zone; no user information, no percent-encoding, no empty port.
/// </summary>
/// <param name="Host">Lower case, without brackets. A trailing dot is kept, for whoever judges.</param>
/// <param name="Port">Null when none was named.</param>
public readonly record struct Authority(string Host, int? Port)
{
    private const int LongestName = 253;
    private const int LongestLabel = 63;

    public bool IsIPv6 => Host is not null && Host.Contains(':'); // null in a default value, which may still be printed

    public override string ToString() => (IsIPv6 ? $"[{Host}]" : Host) + (Port is null ? "" : $":{Port}");

    public static bool TryParse(ReadOnlySpan<byte> text, out Authority authority)
    {
        authority = default;
        var hostEnd = text is [(byte)'[', ..] ? text.IndexOf((byte)']') + 1 : text.IndexOf((byte)':');
        hostEnd = hostEnd < 0 ? text.Length : hostEnd;
        if (hostEnd == 0 || !TryHost(text[..hostEnd], out var host))
        {
            return false;
        }

        int? port = null;
        if (hostEnd < text.Length)
        {
            if (!TryPort(text[hostEnd..], out var number))
            {
                return false;
            }

            port = number;
        }

        authority = new Authority(host, port);
        return true;
    }

    private static bool TryHost(ReadOnlySpan<byte> text, out string host)
    {
        host = "";
        if (text is [(byte)'[', .. var inside, (byte)']'])
        {
            // Only what inet_pton would take: no zone, no port, and the canonical text is what goes on.
            if (inside.ContainsAny("%[]/"u8) || !IPAddress.TryParse(Encoding.ASCII.GetString(inside), out var address)
                || address.AddressFamily is not AddressFamily.InterNetworkV6)
            {
                return false;
            }

            host = address.ToString();
            return true;
        }

        if (text.Length > LongestName + 1 || text.ContainsAnyExcept(Octets.HostName) || !AreLabels(text))
        {
            return false;
        }

        host = Encoding.ASCII.GetString(text).ToLowerInvariant();
        return true;
    }

    private static bool AreLabels(ReadOnlySpan<byte> name)
    {
        name = name is [.., (byte)'.'] ? name[..^1] : name;
        foreach (var label in name.Split((byte)'.'))
        {
            if (name[label].Length is 0 or > LongestLabel)
            {
                return false;
            }
        }

        return true;
    }

    private static bool TryPort(ReadOnlySpan<byte> text, out int port)
    {
        port = 0;
        return text is [(byte)':', >= (byte)'1' and <= (byte)'9', ..] && text.Length <= 6
            && Utf8Parser.TryParse(text[1..], out port, out var read) && read == text.Length - 1 && port <= 65535;
    }
}
