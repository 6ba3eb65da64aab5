using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Belljar.Bench.Egress;

/// <summary>What a load gave.</summary>
internal readonly record struct LoadResult(double PerSecond, double P50, double P99);

/// <summary>A client over TLS, direct or through a proxy's CONNECT, that asks for the same page again and again.</summary>
[SuppressMessage("Security", "CA5359", Justification = "A load on loopback: who answers is not what is measured.")]
internal sealed class TlsLoad(int port, string host, int originPort, bool throughProxy)
{
    private readonly byte[] _request = Encoding.ASCII.GetBytes($"GET /page HTTP/1.1\r\nHost: {host}:{originPort}\r\nUser-Agent: bench\r\nAccept: */*\r\n\r\n");

    public async Task<SslStream> ConnectAsync(CancellationToken ct)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port, ct);
        var stream = new NetworkStream(socket, ownsSocket: true);
        if (throughProxy)
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"CONNECT {host}:{originPort} HTTP/1.1\r\nHost: {host}:{originPort}\r\n\r\n"), ct);
            var answer = new byte[4096];
            var length = 0;
            while (!answer.AsSpan(0, length).EndsWith("\r\n\r\n"u8))
            {
                var count = await stream.ReadAsync(answer.AsMemory(length), ct);
                length += count > 0 ? count : throw new EndOfStreamException();
                if (!answer.AsSpan(0, length).StartsWith("HTTP/1.1 200"u8[..Math.Min(length, 12)]))
                {
                    throw new InvalidOperationException($"no tunnel: {Encoding.Latin1.GetString(answer, 0, length).Split('\r')[0]}");
                }
            }
        }

        var tls = new SslStream(stream);
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = host, RemoteCertificateValidationCallback = (_, _, _, _) => true, ApplicationProtocols = [SslApplicationProtocol.Http11] }, ct);
        return tls;
    }

    /// <summary>So many connections, kept alive, for so long.</summary>
    public async Task<LoadResult> RunAsync(int connections, TimeSpan time, CancellationToken ct)
    {
        var all = new List<double>();
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, connections).Select(async _ =>
        {
            await using var stream = await ConnectAsync(ct);
            var mine = new List<double>();
            var buffer = new byte[16 * 1024];
            while (clock.Elapsed < time)
            {
                var start = Stopwatch.GetTimestamp();
                await AskAsync(stream, buffer, ct);
                mine.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }

            lock (all)
            {
                all.AddRange(mine);
            }
        }));
        var seconds = clock.Elapsed.TotalSeconds;
        all.Sort();
        return new LoadResult(all.Count / seconds, all[all.Count / 2], all[(int)(all.Count * 0.99)]);
    }

    /// <summary>A new connection for every request.</summary>
    public async Task<double> RunNewAsync(int connections, TimeSpan time, CancellationToken ct)
    {
        var count = 0;
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, connections).Select(async _ =>
        {
            var buffer = new byte[16 * 1024];
            while (clock.Elapsed < time)
            {
                await using var stream = await ConnectAsync(ct);
                await AskAsync(stream, buffer, ct);
                Interlocked.Increment(ref count);
            }
        }));
        return count / clock.Elapsed.TotalSeconds;
    }

    /// <returns>Bytes a second.</returns>
    public async Task<double> UploadAsync(long length, CancellationToken ct)
    {
        await using var stream = await ConnectAsync(ct);
        var clock = Stopwatch.StartNew();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"PUT /upload HTTP/1.1\r\nHost: {host}:{originPort}\r\nContent-Length: {length}\r\n\r\n"), ct);
        var text = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 4096).Select(i => string.Create(CultureInfo.InvariantCulture, $"line {i * 7919} of some honest text\n"))));
        var piece = text[..(64 * 1024)];
        for (var left = length; left > 0; left -= piece.Length)
        {
            await stream.WriteAsync(piece.AsMemory(0, (int)Math.Min(left, piece.Length)), ct);
        }

        await ReadAsync(stream, new byte[16 * 1024], ct);
        return length / clock.Elapsed.TotalSeconds;
    }

    private async Task AskAsync(SslStream stream, byte[] buffer, CancellationToken ct)
    {
        await stream.WriteAsync(_request, ct);
        await ReadAsync(stream, buffer, ct);
    }

    private static async Task ReadAsync(SslStream stream, byte[] buffer, CancellationToken ct)
    {
        var length = 0;
        while (true)
        {
            var count = await stream.ReadAsync(buffer.AsMemory(length), ct);
            length += count > 0 ? count : throw new EndOfStreamException();
            var end = buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8);
            if (end < 0)
            {
                continue;
            }

            var head = Encoding.ASCII.GetString(buffer, 0, end);
            var field = head.IndexOf("content-length: ", StringComparison.OrdinalIgnoreCase);
            var body = field < 0 ? 0 : int.Parse(head[(field + 16)..].Split('\r')[0], CultureInfo.InvariantCulture);
            if (!head.Contains(" 20"))
            {
                throw new InvalidOperationException(head.Split('\r')[0]);
            }

            if (length >= end + 4 + body)
            {
                return;
            }
        }
    }
}
