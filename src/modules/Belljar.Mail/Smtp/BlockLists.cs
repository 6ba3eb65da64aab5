using System.Net;
using System.Net.Sockets;
using Belljar.Net.Dns;
using Belljar.Protocols.Dns;

namespace Belljar.Mail.Smtp;

/// <summary>
/// DNS block lists (RFC 5782): a peer's address, reversed below a list's name, has an address in 127.0.0.0/8 when it is on
/// the list. A list that does not answer in time says nothing.
/// </summary>
internal sealed class BlockLists(IReadOnlyList<string> zones, IDnsResolver dns, TimeProvider clock)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public async Task<bool> HasAsync(IPAddress peer)
    {
        if (zones is [] || IPAddress.IsLoopback(peer))
        {
            return false;
        }

        using var deadline = new CancellationTokenSource(Patience, clock);
        var reversed = Reverse(peer);
        var answers = await Task.WhenAll(zones.Select(zone => HasAsync($"{reversed}.{zone}", deadline.Token)));
        return answers.Contains(true);
    }

    internal static string Reverse(IPAddress peer) => string.Join('.', peer.AddressFamily is AddressFamily.InterNetwork
        ? peer.GetAddressBytes().Reverse().Select(octet => $"{octet}")
        : peer.GetAddressBytes().Reverse().SelectMany(octet => new[] { $"{octet & 15:x}", $"{octet >> 4:x}" }));

    private async Task<bool> HasAsync(string name, CancellationToken ct)
    {
        if (!DnsName.TryParse(name, out var parsed))
        {
            return false;
        }

        try
        {
            var answer = await dns.QueryAsync(parsed, DnsType.A, ct);
            return answer.Records.Any(record => record.Data is AddressData { Address: var address } && IsListed(address));
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>127.255.255.x is how lists say that they refuse to answer us; anything else is a wildcard of somebody's.</summary>
    private static bool IsListed(IPAddress address) => address.GetAddressBytes() is [127, var second, var third, _] && (second, third) is not (255, 255);
}
