using System.Net;
using System.Net.Sockets;
using Belljar.Net.Dns;
using Belljar.Protocols.Dns;

namespace Belljar.Mail.Tests.Authentication;

/// <summary>A zone behind a real UDP socket, for what runs as it ships.</summary>
internal sealed class ZoneServer : IAsyncDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;

    public ZoneServer(ZoneResolver zone)
    {
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _serving = ServeAsync(zone);
    }

    public IPEndPoint Address => (IPEndPoint)_socket.LocalEndPoint!;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _serving;
        _socket.Dispose();
        _stop.Dispose();
    }

    private async Task ServeAsync(ZoneResolver zone)
    {
        var buffer = new byte[4096];
        try
        {
            while (true)
            {
                var got = await _socket.ReceiveFromAsync(buffer, SocketFlags.None, new IPEndPoint(IPAddress.Any, 0), _stop.Token);
                if (DnsMessage.TryRead(buffer.AsSpan(0, got.ReceivedBytes), out var query) && query is { Questions: [var question] })
                {
                    var answer = await zone.QueryAsync(question.Name, question.Type, _stop.Token);
                    await _socket.SendToAsync(Reply(query, answer).ToBytes(), SocketFlags.None, got.RemoteEndPoint, _stop.Token);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    private static DnsMessage Reply(DnsMessage query, DnsAnswer answer) => new()
    {
        Id = query.Id,
        IsResponse = true,
        RecursionDesired = true,
        RecursionAvailable = true,
        Questions = query.Questions,
        Answers = answer.Records,
        ResponseCode = answer.Status switch
        {
            DnsStatus.NxDomain => DnsResponseCode.NameError,
            DnsStatus.TemporaryFailure => DnsResponseCode.ServerFailure,
            _ => DnsResponseCode.NoError,
        },
    };
}
