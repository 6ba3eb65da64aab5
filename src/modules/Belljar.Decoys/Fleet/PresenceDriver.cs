using System.Net;
using Belljar.Contracts;

namespace Belljar.Decoys.Fleet;

/// <summary>A way to stand on the network.</summary>
/// <param name="Network">The addresses that it can use.</param>
public sealed record PresenceDriver(string Name, string Summary, IPNetwork Network) : INamed
{
    /// <summary>Linux answers for all of 127.0.0.0/8; this part of it is nobody's habit.</summary>
    public static readonly PresenceDriver Loopback = new(
        "loopback", "Addresses of 127.77.0.0/16 on this machine; needs nothing.", IPNetwork.Parse("127.77.0.0/16"));

    public static readonly Registry<PresenceDriver> All = new("presence driver", Loopback);
}
