using System.Collections.Frozen;
using System.Net;
using System.Net.NetworkInformation;

namespace Belljar.Net;

/// <summary>The addresses of this machine.</summary>
public interface IOwnAddresses
{
    bool Contains(IPAddress address);
}

/// <summary>Asks the system, at most every ten seconds: addresses come and go while a gate runs.</summary>
public sealed class SystemOwnAddresses(TimeProvider clock) : IOwnAddresses
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private FrozenSet<IPAddress> _addresses = [];
    private long? _readAt;

    public bool Contains(IPAddress address)
    {
        lock (_lock)
        {
            if (_readAt is not { } readAt || clock.GetElapsedTime(readAt) > Fresh)
            {
                _addresses = NetworkInterface.GetAllNetworkInterfaces()
                    .SelectMany(each => each.GetIPProperties().UnicastAddresses)
                    .Select(each => each.Address)
                    .ToFrozenSet();
                _readAt = clock.GetTimestamp();
            }

            return _addresses.Contains(address);
        }
    }
}
