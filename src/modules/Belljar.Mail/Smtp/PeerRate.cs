using System.Net;

namespace Belljar.Mail.Smtp;

/// <summary>
/// A token bucket a peer: a connection takes one token, a message another; a minute gives as many as the bucket holds.
/// This machine itself is not counted unless that is wanted, or one busy relay on it would be its own victim. A flood from
/// more networks than are remembered is held by the number of connections alone.
/// </summary>
/// <param name="perMinute">0 for as many as it likes.</param>
internal sealed class PeerRate(int perMinute, TimeProvider clock, bool countsThisMachine = false)
{
    private readonly TokenBuckets _buckets = new(perMinute, TimeSpan.FromMinutes(1), clock);

    public bool TryTake(IPAddress address) => IsFree(address) || _buckets.TryTake(PeerLimits.PeerOf(address));

    /// <summary>Whether <see cref="TryTake"/> would find a token.</summary>
    public bool HasToken(IPAddress address) => IsFree(address) || _buckets.Has(PeerLimits.PeerOf(address));

    private bool IsFree(IPAddress address) => perMinute == 0 || (!countsThisMachine && IPAddress.IsLoopback(address));
}
