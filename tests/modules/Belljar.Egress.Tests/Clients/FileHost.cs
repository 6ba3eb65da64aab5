using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;

namespace Belljar.Egress.Tests.Clients;

/// <summary>A host outside with some files, an echo, a stream of events and a place to upload to: what real clients talk to.</summary>
internal sealed class FileHost : IAsyncDisposable
{
    private readonly Dictionary<string, byte[]> _files = [];
    private readonly TestServer _server;

    public FileHost() => _server = TestServer.Secure(ServeAsync);

    /// <summary>How many events <c>/events</c> has.</summary>
    public const int Events = 3;

    public TestServer Server => _server;

    /// <summary>Released once for each event that may be sent.</summary>
    public SemaphoreSlim Seen { get; } = new(1);

    public byte[] this[string path]
    {
        set => _files[path] = value;
    }

    public void Add(string path, string text) => this[path] = Encoding.UTF8.GetBytes(text);

    /// <summary>A folder and all below it.</summary>
    public void AddFolder(string prefix, string folder)
    {
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            this[$"{prefix}/{Path.GetRelativePath(folder, file)}"] = File.ReadAllBytes(file);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Seen.Dispose();
    }

    private async Task ServeAsync(Stream stream)
    {
        while (await TestServer.ReadHeadAsync(stream) is { } head)
        {
            var words = head.Split(' ', 3);
            var path = Uri.UnescapeDataString(words[1].Split('?')[0]);
            switch (path)
            {
                case "/upload":
                    await AnswerAsync(stream, "text/plain", Encoding.ASCII.GetBytes($"{await ReadBodyAsync(stream, head)}"), words[0]);
                    break;
                case "/download":
                    await SendZeroesAsync(stream, long.Parse(words[1].Split('=')[1], CultureInfo.InvariantCulture));
                    break;
                case "/events":
                    await SendEventsAsync(stream);
                    break;
                case "/ws":
                    await EchoMessagesAsync(stream, head);
                    return;
                case "/head":
                    await AnswerAsync(stream, "text/plain", Encoding.Latin1.GetBytes(head), words[0]);
                    break;
                default:
                    await AnswerFileAsync(stream, path, words[0]);
                    break;
            }
        }
    }

    private Task AnswerFileAsync(Stream stream, string path, string method) => _files.TryGetValue(path, out var file)
        ? AnswerAsync(stream, path.EndsWith(".json", StringComparison.Ordinal) || path.StartsWith("/npm/", StringComparison.Ordinal) ? "application/json" : path.EndsWith('/') ? "text/html" : "application/octet-stream", file, method)
        : stream.WriteAsync("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"u8.ToArray()).AsTask();

    private static async Task AnswerAsync(Stream stream, string type, byte[] body, string method)
    {
        byte[] answer = [.. Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: {type}\r\nContent-Length: {body.Length}\r\n\r\n"), .. method == "HEAD" ? [] : body];
        await stream.WriteAsync(answer);
    }

    /// <summary>One event, and the next when whoever looks on has seen it: an event that waits somewhere is waited for in vain.</summary>
    private async Task SendEventsAsync(Stream stream)
    {
        await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"u8.ToArray());
        for (var i = 0; i < Events; i++)
        {
            await Seen.WaitAsync();
            var data = $"data: event {i}\n\n";
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"{data.Length:x}\r\n{data}\r\n"));
        }

        await stream.WriteAsync("0\r\n\r\n"u8.ToArray());
    }

    private static async Task EchoMessagesAsync(Stream stream, string head)
    {
        var key = head.Split("\r\n").Single(line => line.StartsWith("Sec-WebSocket-Key: ", StringComparison.OrdinalIgnoreCase))[19..];
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {Convert.ToBase64String(Digest(key))}\r\n\r\n"));
        using var socket = WebSocket.CreateFromStream(stream, new WebSocketCreationOptions { IsServer = true });
        var buffer = new byte[64 * 1024];
        while (await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None) is { MessageType: not WebSocketMessageType.Close } got)
        {
            await socket.SendAsync(buffer.AsMemory(0, got.Count), got.MessageType, got.EndOfMessage, CancellationToken.None);
        }

        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
    }

    [SuppressMessage("Security", "CA5350", Justification = "RFC 6455 §4.2.2 wants SHA-1.")]
    private static byte[] Digest(string key) => SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"));

    private static async Task SendZeroesAsync(Stream stream, long length)
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n"));
        var zeroes = new byte[256 * 1024];
        for (; length > 0; length -= zeroes.Length)
        {
            await stream.WriteAsync(zeroes.AsMemory(0, (int)Math.Min(length, zeroes.Length)));
        }
    }

    /// <returns>How long it was.</returns>
    private static async Task<long> ReadBodyAsync(Stream stream, string head)
    {
        var framing = head.Split("\r\n").Select(line => line.ToLowerInvariant()).ToList();
        if (framing.Find(line => line.StartsWith("content-length: ", StringComparison.Ordinal)) is { } length)
        {
            var left = long.Parse(length[16..], CultureInfo.InvariantCulture);
            await SkipAsync(stream, left);
            return left;
        }

        var total = 0L;
        while (true)
        {
            var size = "";
            while (!size.EndsWith("\r\n", StringComparison.Ordinal))
            {
                size += await TestServer.ReadExactlyAsync(stream, 1);
            }

            var chunk = long.Parse(size.Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            await SkipAsync(stream, chunk + 2);
            total += chunk;
            if (chunk == 0)
            {
                return total;
            }
        }
    }

    private static async Task SkipAsync(Stream stream, long count)
    {
        var buffer = new byte[256 * 1024];
        while (count > 0)
        {
            var read = await stream.ReadAsync(buffer.AsMemory(0, (int)Math.Min(count, buffer.Length)));
            if (read == 0)
            {
                throw new EndOfStreamException();
            }

            count -= read;
        }
    }
}
