using System.Net.Sockets;
using System.Text;

namespace Belljar.Sandboxes.Tests.Packages;

/// <summary>A web server of files by path, on a socket that was made inside a sandbox: what a way to a package mirror looks like from there.</summary>
internal sealed class Mirror : IAsyncDisposable
{
    private readonly Socket _listener;
    private readonly IReadOnlyDictionary<string, byte[]> _files;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;

    /// <param name="listener">Owned from here on.</param>
    public Mirror(Socket listener, IReadOnlyDictionary<string, byte[]> files)
    {
        (_listener, _files) = (listener, files);
        _serving = ServeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _serving;
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                connections.Add(AnswerAsync(await _listener.AcceptAsync(_stop.Token)));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(connections);
        }
    }

    /// <summary>One request after another on a connection that is kept.</summary>
    private async Task AnswerAsync(Socket socket)
    {
        await using var stream = new NetworkStream(socket, ownsSocket: true);
        using var reader = new StreamReader(stream, Encoding.ASCII);
        try
        {
            while (await reader.ReadLineAsync(_stop.Token) is { Length: > 0 } request)
            {
                while (await reader.ReadLineAsync(_stop.Token) is { Length: > 0 })
                {
                    // Headers: nothing in them changes the answer.
                }

                var words = request.Split(' ');
                var found = _files.TryGetValue(Uri.UnescapeDataString(words[1].Split('?')[0]).Replace("/./", "/", StringComparison.Ordinal), out var content);
                var head = $"HTTP/1.1 {(found ? "200 OK" : "404 Not Found")}\r\nContent-Length: {content?.Length ?? 0}\r\nContent-Type: {TypeOf(words[1])}\r\n\r\n";
                await stream.WriteAsync(Encoding.ASCII.GetBytes(head), _stop.Token);
                if (words[0] == "GET" && content is not null)
                {
                    await stream.WriteAsync(content, _stop.Token);
                }
            }
        }
        catch (Exception error) when (error is IOException or OperationCanceledException)
        {
            // The client has gone, or the test is over.
        }
    }

    private static string TypeOf(string path) =>
        path.EndsWith('/') ? "text/html" : path.Contains("/npm/", StringComparison.Ordinal) && !path.EndsWith(".tgz", StringComparison.Ordinal) ? "application/json" : "application/octet-stream";
}
