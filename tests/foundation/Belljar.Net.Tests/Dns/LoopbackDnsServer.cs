using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Belljar.Net.Dns;
using Belljar.Protocols.Dns;

namespace Belljar.Net.Tests.Dns;

/// <summary>A name server on loopback, UDP and TCP on one port, that answers each query with the datagrams a test gives it.</summary>
internal sealed class LoopbackDnsServer : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Socket _udp = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly TcpListener _tcp;
    private readonly Func<DnsMessage, IEnumerable<byte[]>> _overUdp;
    private readonly Func<DnsMessage, byte[]>? _overTcp;
    private readonly Task _running;

    public LoopbackDnsServer(Func<DnsMessage, IEnumerable<byte[]>> overUdp, Func<DnsMessage, byte[]>? overTcp = null)
    {
        (_overUdp, _overTcp) = (overUdp, overTcp);
        _tcp = new TcpListener(IPAddress.Loopback, 0);
        _tcp.Start();
        Address = (IPEndPoint)_tcp.LocalEndpoint;
        _udp.Bind(Address);
        _running = Task.WhenAll(ServeUdpAsync(), ServeTcpAsync());
    }

    public IPEndPoint Address { get; }

    public ConcurrentQueue<DnsMessage> Queries { get; } = [];

    public ConcurrentQueue<int> ClientPorts { get; } = [];

    public DnsResolverOptions Options => new() { Servers = [Address] };

    public static byte[] Reply(DnsMessage query, params DnsRecord[] answers) =>
        (query with { IsResponse = true, RecursionAvailable = true, Answers = answers }).ToBytes();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _tcp.Stop();
        _udp.Dispose();
        _stop.Dispose();
    }

    private async Task ServeUdpAsync()
    {
        var buffer = new byte[4096];
        try
        {
            while (true)
            {
                var received = await _udp.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), _stop.Token);
                Assert.True(DnsMessage.TryRead(buffer.AsSpan(0, received.ReceivedBytes), out var query));
                ClientPorts.Enqueue(((IPEndPoint)received.RemoteEndPoint).Port);
                Queries.Enqueue(query!);
                foreach (var datagram in _overUdp(query!))
                {
                    await _udp.SendToAsync(datagram, received.RemoteEndPoint, _stop.Token);
                }
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private async Task ServeTcpAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _tcp.AcceptTcpClientAsync(_stop.Token);
                var stream = client.GetStream();
                var prefix = new byte[2];
                await stream.ReadExactlyAsync(prefix, _stop.Token);
                var bytes = new byte[BinaryPrimitives.ReadUInt16BigEndian(prefix)];
                await stream.ReadExactlyAsync(bytes, _stop.Token);
                Assert.True(DnsMessage.TryRead(bytes, out var query));
                Queries.Enqueue(query!);
                var reply = _overTcp!(query!);
                BinaryPrimitives.WriteUInt16BigEndian(prefix, (ushort)reply.Length);
                await stream.WriteAsync(prefix.Concat(reply).ToArray(), _stop.Token);
            }
        }
        catch (Exception stopped) when (stopped is OperationCanceledException or SocketException)
        {
        }
    }
}
