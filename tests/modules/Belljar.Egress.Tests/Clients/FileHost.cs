using System.Globalization;
using System.Text;

namespace Belljar.Egress.Tests.Clients;

/// <summary>A host outside with some files, an echo, a stream of events and a place to upload to: what real clients talk to.</summary>
internal sealed class FileHost : IAsyncDisposable
{
    private readonly Dictionary<string, byte[]> _files = [];
    private readonly TestServer _server;

    public FileHost() => _server = TestServer.Secure(ServeAsync);

    public TestServer Server => _server;

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

    public ValueTask DisposeAsync() => _server.DisposeAsync();

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
