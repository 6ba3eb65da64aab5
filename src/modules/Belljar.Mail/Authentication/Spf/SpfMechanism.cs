using System.Net;

namespace Belljar.Mail.Authentication.Spf;

/// <summary>RFC 7208, 5.</summary>
internal enum SpfMechanismKind
{
    All,
    Include,
    A,
    MX,
    Ptr,
    Ip4,
    Ip6,
    Exists,
}

/// <param name="Qualifier">The result when it matches.</param>
/// <param name="DomainSpec">Macros not yet expanded; null where the current domain is meant.</param>
/// <param name="Network">Of ip4 and ip6; null for all others.</param>
/// <param name="Text">As it stands in the record.</param>
internal sealed record SpfMechanism(
    SpfVerdict Qualifier, SpfMechanismKind Kind, string? DomainSpec, int Prefix4, int Prefix6, IPAddress? Network, string Text)
{
    /// <summary>Those that RFC 7208, 4.6.4 counts.</summary>
    public bool NeedsLookup => Kind is not (SpfMechanismKind.All or SpfMechanismKind.Ip4 or SpfMechanismKind.Ip6);

    public bool Contains(IPAddress network, IPAddress address)
    {
        if (network.AddressFamily != address.AddressFamily)
        {
            return false;
        }

        Span<byte> left = stackalloc byte[16];
        Span<byte> right = stackalloc byte[16];
        network.TryWriteBytes(left, out var length);
        address.TryWriteBytes(right, out _);
        var bits = length == 4 ? Prefix4 : Prefix6;
        var whole = bits / 8;
        var rest = bits % 8;
        return left[..whole].SequenceEqual(right[..whole])
            && (rest == 0 || (left[whole] ^ right[whole]) >> (8 - rest) == 0);
    }
}
