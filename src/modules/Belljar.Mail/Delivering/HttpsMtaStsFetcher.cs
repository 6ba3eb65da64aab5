using System.Net;
using System.Net.Sockets;
using System.Text;
using Belljar.Net;

namespace Belljar.Mail.Delivering;

/// <summary>
/// RFC 8461, 3.3: the certificate must be the host's, redirects are not followed, and it is short. Dials only addresses that mail might
/// go to as well: the domain's owner chooses the name.
/// </summary>
internal sealed class HttpsMtaStsFetcher : IMtaStsFetcher, IDisposable
{
    private const int LongestPolicy = 64 * 1024;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(20);

    private readonly HttpMessageInvoker _http;
    private readonly TimeProvider _clock;

    public HttpsMtaStsFetcher(MxLookup lookup, AddressJudge judge, IReadOnlyList<IPNetwork> allowed, IDialler dialler, TimeProvider clock)
    {
        _clock = clock;
        _http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            PooledConnectionLifetime = TimeSpan.Zero,
            ConnectCallback = async (context, ct) =>
            {
                var (addresses, _) = await lookup.AddressesAsync(context.DnsEndPoint.Host, useIPv6: false, ct);
                var address = addresses.FirstOrDefault(address => judge.MayDial(address, allowed, out _)) ?? throw new SocketException((int)SocketError.HostUnreachable);
                return new NetworkStream(await dialler.DialAsync(new IPEndPoint(address, context.DnsEndPoint.Port), ct), ownsSocket: true);
            },
        });
    }

    public async Task<string?> FetchAsync(string domain, CancellationToken ct)
    {
        using var deadline = new CancellationTokenSource(Timeout, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, ct);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"https://mta-sts.{domain}/.well-known/mta-sts.txt");
            using var response = await _http.SendAsync(request, either.Token);
            if (response.StatusCode != HttpStatusCode.OK || response.Content.Headers.ContentType?.MediaType != "text/plain")
            {
                return null;
            }

            await using var stream = await response.Content.ReadAsStreamAsync(either.Token);
            var buffer = new byte[LongestPolicy + 1];
            var length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, either.Token);
            return length <= LongestPolicy ? Encoding.UTF8.GetString(buffer, 0, length) : null;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception failed) when (failed is HttpRequestException or IOException or UriFormatException)
        {
            return null;
        }
    }

    public void Dispose() => _http.Dispose();
}
