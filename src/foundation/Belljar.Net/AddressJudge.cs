using System.Net;
using System.Net.Sockets;

namespace Belljar.Net;

/// <summary>
/// Says which addresses a gate may dial. Only public ones, unless an allow-list names the address; a cloud's metadata
/// address must be named by itself, a network around it does not do.
/// </summary>
/// <param name="ownAddresses">The addresses of this machine.</param>
public sealed class AddressJudge(IOwnAddresses ownAddresses)
{
    /// <summary>The address that is judged and dialled: an IPv4-mapped one is its IPv4 address.</summary>
    public static IPAddress Normalize(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    /// <param name="address">Any spelling; <see cref="Normalize"/> is applied.</param>
    /// <param name="allowed">Networks that the operator named.</param>
    /// <param name="found">What kind of address it is, allowed or not.</param>
    public bool MayDial(IPAddress address, IReadOnlyList<IPNetwork> allowed, out AddressClass found)
    {
        address = Normalize(address);
        found = Classify(address);
        if (found is AddressClass.Public)
        {
            return true;
        }

        foreach (var network in allowed)
        {
            if (network.Contains(address) && (found is not AddressClass.Metadata || IsSingle(network)))
            {
                return true;
            }
        }

        return false;
    }

    public AddressClass Classify(IPAddress address)
    {
        address = Normalize(address);
        var found = ClassifyAlone(address);
        if (found is (AddressClass.Public or AddressClass.Reserved) && address.AddressFamily is AddressFamily.InterNetworkV6)
        {
            // The worst that is inside decides; an outer form that exists only to carry a public address is public.
            AddressClass? inner = null;
            foreach (var embedded in EmbeddedAddress.In(address))
            {
                var each = ClassifyAlone(embedded);
                inner = inner is null or AddressClass.Public ? each : inner;
            }

            found = inner ?? found;
        }

        return found;
    }

    private AddressClass ClassifyAlone(IPAddress address)
    {
        if (Array.IndexOf(SpecialNetworks.Metadata, Unscoped(address)) >= 0)
        {
            return AddressClass.Metadata;
        }

        var isV4 = address.AddressFamily is AddressFamily.InterNetwork;
        foreach (var (network, kind) in isV4 ? SpecialNetworks.IPv4 : SpecialNetworks.IPv6)
        {
            if (network.Contains(address))
            {
                return kind;
            }
        }

        if (ownAddresses.Contains(address))
        {
            return AddressClass.OwnHost;
        }

        return isV4 || SpecialNetworks.GlobalUnicast.Contains(address) ? AddressClass.Public : AddressClass.Reserved;
    }

    private static IPAddress Unscoped(IPAddress address)
        => address.AddressFamily is AddressFamily.InterNetworkV6 && address.ScopeId != 0 ? new IPAddress(address.GetAddressBytes()) : address;

    private static bool IsSingle(IPNetwork network)
        => network.PrefixLength == (network.BaseAddress.AddressFamily is AddressFamily.InterNetwork ? 32 : 128);
}
