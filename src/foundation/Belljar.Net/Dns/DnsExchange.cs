using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Belljar.Protocols.Dns;

namespace Belljar.Net.Dns;

/// <summary>
/// One query to one server: UDP from a port that the kernel picks anew for each query, with a random id; TCP where the answer
/// is cut. What is not the answer to this question from this server is not heard, and the wait goes on: a forger must guess
/// id and port, and a wrong guess costs us nothing.
/// </summary>
internal sealed class DnsExchange(DnsResolverOptions options, TimeProvider clock)
{
    /// <summary>RFC 9715: fits every path without fragments, which can be forged more easily than whole packets.</summary>
    private const ushort PayloadSize = 1232;

    /// <summary>Datagrams that are looked at for one query; a flood of forgeries ends the try.</summary>
    private const int MostDatagrams = 256;

    /// <returns>Null where the server gave no usable answer in time.</returns>
    public async Task<DnsMessage?> AskAsync(IPEndPoint server, DnsQuestion question, CancellationToken ct)
    {
        var id = (ushort)RandomNumberGenerator.GetInt32(ushort.MaxValue + 1);
        var query = DnsMessage.Query(id, question.Name, question.Type, PayloadSize);
        using var deadline = new CancellationTokenSource(options.Timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, ct);
        try
        {
            var answer = await OverUdpAsync(server, query, either.Token);
            return answer is { IsTruncated: true } ? await OverTcpAsync(server, query, either.Token) : answer;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return null;
        }
        catch (SocketException)
        {
            return null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>RFC 5452, 9.1: the id, the question and (by the connected socket) both addresses and ports must be ours.</summary>
    internal static bool Answers(DnsMessage answer, DnsMessage query) =>
        answer.IsResponse && answer.Id == query.Id && answer.Opcode == 0
        && (answer.Questions is [var echoed] ? echoed == query.Questions[0] : answer is { Questions: [], ResponseCode: DnsResponseCode.FormatError });

    private static async Task<DnsMessage?> OverUdpAsync(IPEndPoint server, DnsMessage query, CancellationToken ct)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(server, ct);
        await socket.SendAsync(query.ToBytes(), ct);
        var buffer = new byte[4096];
        for (var i = 0; i < MostDatagrams; i++)
        {
            var length = await socket.ReceiveAsync(buffer, ct);
            if (DnsMessage.TryRead(buffer.AsSpan(0, length), out var answer) && Answers(answer!, query))
            {
                return answer;
            }

            // A server may cut in the middle of a record; its header says so.
            if (IsCut(buffer.AsSpan(0, length), query.Id))
            {
                return new DnsMessage { Id = query.Id, IsTruncated = true };
            }
        }

        return null;
    }

    private static bool IsCut(ReadOnlySpan<byte> bytes, ushort id) =>
        bytes.Length >= 12 && BinaryPrimitives.ReadUInt16BigEndian(bytes) == id && (bytes[2] & 0x82) == 0x82;

    private static async Task<DnsMessage?> OverTcpAsync(IPEndPoint server, DnsMessage query, CancellationToken ct)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server, ct);
        await using var stream = new NetworkStream(socket, ownsSocket: false);
        var bytes = query.ToBytes();
        var framed = new byte[bytes.Length + 2];
        BinaryPrimitives.WriteUInt16BigEndian(framed, (ushort)bytes.Length);
        bytes.CopyTo(framed, 2);
        await stream.WriteAsync(framed, ct);
        var prefix = new byte[2];
        await stream.ReadExactlyAsync(prefix, ct);
        var reply = new byte[BinaryPrimitives.ReadUInt16BigEndian(prefix)];
        await stream.ReadExactlyAsync(reply, ct);
        return DnsMessage.TryRead(reply, out var answer) && Answers(answer!, query) ? answer : null;
    }
}
