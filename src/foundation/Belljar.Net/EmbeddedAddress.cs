using System.Net;

namespace Belljar.Net;

/// <summary>IPv4 addresses inside IPv6 ones: whoever dials the outer form may reach the inner one.</summary>
internal static class EmbeddedAddress
{
    private static readonly IPNetwork Compatible = IPNetwork.Parse("::/96");              // RFC 4291 §2.5.5.1
    private static readonly IPNetwork Mapped = IPNetwork.Parse("::ffff:0:0/96");          // RFC 4291 §2.5.5.2
    private static readonly IPNetwork Translated = IPNetwork.Parse("::ffff:0:0:0/96");    // RFC 2765 §2.1
    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");            // RFC 6052 §2.1
    private static readonly IPNetwork Nat64Local = IPNetwork.Parse("64:ff9b:1::/48");     // RFC 8215
    private static readonly IPNetwork SixToFour = IPNetwork.Parse("2002::/16");           // RFC 3056 §2
    private static readonly IPNetwork Teredo = IPNetwork.Parse("2001::/32");              // RFC 4380 §4

    /// <summary>Every IPv4 address that the address holds, in whichever form.</summary>
    public static IEnumerable<IPAddress> In(IPAddress outer)
    {
        var bytes = outer.GetAddressBytes();
        if (Mapped.Contains(outer) || Translated.Contains(outer) || Nat64.Contains(outer)
            || (Compatible.Contains(outer) && !outer.Equals(IPAddress.IPv6Any) && !outer.Equals(IPAddress.IPv6Loopback)))
        {
            yield return At(bytes, 12);
        }

        if (Nat64Local.Contains(outer))
        {
            // The prefix length is the local operator's choice: the address stands in one of these places (RFC 6052 §2.2, octet 8 left out).
            yield return new IPAddress([bytes[6], bytes[7], bytes[9], bytes[10]]);
            yield return new IPAddress([bytes[7], bytes[9], bytes[10], bytes[11]]);
            yield return At(bytes, 9);
            yield return At(bytes, 12);
        }

        if (SixToFour.Contains(outer))
        {
            yield return At(bytes, 2);
        }

        if (Teredo.Contains(outer))
        {
            yield return At(bytes, 4);
            yield return new IPAddress([(byte)~bytes[12], (byte)~bytes[13], (byte)~bytes[14], (byte)~bytes[15]]);
        }

        if (bytes is [_, _, _, _, _, _, _, _, 0 or 2, 0, 0x5e, 0xfe, ..])
        {
            yield return At(bytes, 12); // ISATAP, RFC 5214 §6.1
        }
    }

    private static IPAddress At(byte[] bytes, int at) => new(bytes.AsSpan(at, 4));
}
