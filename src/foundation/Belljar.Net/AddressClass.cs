namespace Belljar.Net;

/// <summary>What kind of place an address is (IANA special-purpose registries, RFC 6890 and its successors).</summary>
public enum AddressClass
{
    /// <summary>The only one that may be dialled without being named.</summary>
    Public,
    Loopback,
    Private,
    LinkLocal,
    CarrierNat,
    Multicast,
    Unspecified,
    Broadcast,
    Reserved,
    Documentation,

    /// <summary>Where a cloud hands out its machines' credentials.</summary>
    Metadata,

    /// <summary>An address of this very machine.</summary>
    OwnHost,
}
