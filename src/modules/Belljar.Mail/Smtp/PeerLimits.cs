using System.Net;
using System.Net.Sockets;

namespace Belljar.Mail.Smtp;

/// <summary>Counts connections, in all and by peer: an IPv4 address, or a /64 of IPv6, which is what one customer has.</summary>
internal sealed class PeerLimits(int mostInAll, int mostOfOnePeer)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<UInt128, int> _peers = [];
    private int _all;

    public int InAll => Volatile.Read(ref _all);

    public bool TryEnter(IPAddress address)
    {
        var peer = PeerOf(address);
        lock (_lock)
        {
            var ofThisPeer = _peers.GetValueOrDefault(peer);
            if (_all >= mostInAll || ofThisPeer >= mostOfOnePeer)
            {
                return false;
            }

            _all++;
            _peers[peer] = ofThisPeer + 1;
            return true;
        }
    }

    public void Leave(IPAddress address)
    {
        var peer = PeerOf(address);
        lock (_lock)
        {
            _all--;
            if (--_peers[peer] == 0)
            {
                _peers.Remove(peer);
            }
        }
    }

    /// <summary>Whom an address is counted for.</summary>
    public static UInt128 PeerOf(IPAddress address)
    {
        var bytes = address.MapToIPv6().GetAddressBytes().AsSpan();
        var isIPv4 = address.IsIPv4MappedToIPv6 || address.AddressFamily is AddressFamily.InterNetwork;
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(bytes) & (isIPv4 ? UInt128.MaxValue : UInt128.MaxValue << 64);
    }
}
