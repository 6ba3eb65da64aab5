using System.Net;
using System.Net.Sockets;
using Belljar.Contracts;
using Belljar.Net;

namespace Belljar.Egress.Gate;

/// <summary>What came of the attempt to reach a host: a socket, a denial, or a failure.</summary>
internal readonly record struct Connection(Socket? Socket, IPAddress? Address, Decision? Denied, string? Failure)
{
    public static Connection To(Socket socket, IPAddress address) => new(socket, address, null, null);

    public static Connection Deny(Decision decision) => new(null, null, decision, null);

    public static Connection Failed(string why, IPAddress? address = null) => new(null, address, null, why);
}

/// <summary>
/// Resolves a name once, judges every address, dials exactly one that was judged. One bad address among good ones denies
/// them all: a name that is half inside is an attack or a mistake.
/// </summary>
internal sealed class Connector(INameResolver resolver, AddressJudge judge, IDialler dialler, TimeSpan timeout, TimeProvider clock)
{
    /// <param name="host">Judged before: a name or an address in its usual spelling.</param>
    /// <param name="allowed">Networks that the route allows although they are not public.</param>
    public async Task<Connection> ConnectAsync(string host, int port, IReadOnlyList<IPNetwork> allowed, CancellationToken ct)
    {
        using var timer = new CancellationTokenSource(timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, timer.Token);
        try
        {
            var resolution = HostSpelling.Of(host).Address is { } literal
                ? new Resolution([literal], null)
                : await resolver.ResolveAsync(host, either.Token);
            if (resolution.Addresses.Count == 0)
            {
                return Connection.Failed(resolution.Failure ?? "the name has no address");
            }

            var addresses = resolution.Addresses.Select(AddressJudge.Normalize).Distinct().ToList();
            return Judge(addresses, allowed) is { } denied ? Connection.Deny(denied) : await DialAsync(addresses, port, either.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return Connection.Failed("there was no answer in time");
        }
    }

    private Decision? Judge(List<IPAddress> addresses, IReadOnlyList<IPNetwork> allowed)
    {
        foreach (var address in addresses)
        {
            if (!judge.MayDial(address, allowed, out var found))
            {
                return Decision.Deny($"address:{NameOf(found)}", $"the host leads to an address that is not public ({NameOf(found)})");
            }
        }

        return null;
    }

    private async Task<Connection> DialAsync(List<IPAddress> addresses, int port, CancellationToken ct)
    {
        var failure = "the connection failed";
        foreach (var address in addresses)
        {
            try
            {
                return Connection.To(await dialler.DialAsync(new IPEndPoint(address, port), ct), address);
            }
            catch (SocketException error)
            {
                failure = error.SocketErrorCode switch
                {
                    SocketError.ConnectionRefused => "the connection was refused",
                    SocketError.TimedOut => "there was no answer in time",
                    SocketError.NetworkUnreachable or SocketError.HostUnreachable => "the network cannot be reached",
                    _ => "the connection failed",
                };
            }
        }

        return Connection.Failed(failure, addresses[^1]);
    }

    private static string NameOf(AddressClass found) => found switch
    {
        AddressClass.LinkLocal => "link-local",
        AddressClass.CarrierNat => "carrier-nat",
        AddressClass.OwnHost => "own-host",
        _ => found.ToString().ToLowerInvariant(),
    };
}
