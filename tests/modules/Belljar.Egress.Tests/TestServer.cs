using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Belljar.Egress.Tests;

/// <summary>A server on loopback whose every connection is handled by a function.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;

    public TestServer(Func<Stream, Task> serve)
    {
        _listener.Start(512);
        _accepting = AcceptAsync(serve);
    }

    /// <summary>The same over TLS; a client that does not trust it is let go.</summary>
    public static TestServer Secure(Func<Stream, Task> serve, X509Certificate2? certificate = null) => new(async stream =>
    {
        await using var tls = new SslStream(stream);
        try
        {
            await tls.AuthenticateAsServerAsync(Identity.Options(certificate ?? Identity.Server));
        }
        catch (AuthenticationException)
        {
            return;
        }

        await serve(tls);
    });

    public IPEndPoint Address => (IPEndPoint)_listener.LocalEndpoint;

    public int Port => Address.Port;

    public int Accepted { get; private set; }

    /// <summary>Reads each head and answers with the same text, until the connection ends.</summary>
    public static TestServer Answering(string response, Action<string>? seen = null) => new(stream => AnswerAsync(stream, response, seen));

    /// <inheritdoc cref="Answering"/>
    public static TestServer SecurelyAnswering(string response, Action<string>? seen = null) => Secure(stream => AnswerAsync(stream, response, seen));

    public static TestServer SecureOk(string body = "secure", Action<string>? seen = null)
        => SecurelyAnswering($"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n\r\n{body}", seen);

    public static TestServer Ok(string body = "hello", Action<string>? seen = null)
        => Answering($"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n\r\n{body}", seen);

    /// <returns>Up to and with the empty line; null at the end of the stream.</returns>
    public static async Task<string?> ReadHeadAsync(Stream stream)
    {
        var head = new List<byte>();
        var one = new byte[1];
        while (!head.TakeLast(4).SequenceEqual("\r\n\r\n"u8.ToArray()))
        {
            if (await stream.ReadAsync(one) == 0)
            {
                return null;
            }

            head.Add(one[0]);
        }

        return Encoding.Latin1.GetString([.. head]);
    }

    public static async Task<string> ReadExactlyAsync(Stream stream, int count)
    {
        var bytes = new byte[count];
        await stream.ReadExactlyAsync(bytes);
        return Encoding.Latin1.GetString(bytes);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync(Func<Stream, Task> serve)
    {
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptSocketAsync(_stop.Token);
                socket.NoDelay = true;
                Accepted++;
                _ = ServeAsync(socket, serve);
            }
        }
        catch (Exception error) when (error is OperationCanceledException or InvalidOperationException or SocketException)
        {
        }
    }

    private static async Task AnswerAsync(Stream stream, string response, Action<string>? seen)
    {
        while (await ReadHeadAsync(stream) is { } head)
        {
            seen?.Invoke(head);
            await stream.WriteAsync(Encoding.Latin1.GetBytes(response));
        }
    }

    private static async Task ServeAsync(Socket socket, Func<Stream, Task> serve)
    {
        await using var stream = new NetworkStream(socket, ownsSocket: true);
        try
        {
            await serve(stream);
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
        }
    }
}
