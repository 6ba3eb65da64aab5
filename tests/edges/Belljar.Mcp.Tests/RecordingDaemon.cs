using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;
using Belljar.Testing;

namespace Belljar.Mcp.Tests;

/// <summary>Stands where the daemon's socket is: keeps what is asked, to the byte, and answers what it was told to.</summary>
internal sealed class RecordingDaemon : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly Channel<string> _asked = Channel.CreateUnbounded<string>();
    private readonly Task _serving;

    public RecordingDaemon(string answer)
    {
        _listener.Bind(new UnixDomainSocketEndPoint(Path));
        _listener.Listen();
        _serving = ServeAsync(Encoding.UTF8.GetBytes(answer));
    }

    public string Path => _folder["mail.sock"];

    public async Task<string> AskedAsync() => await _asked.Reader.ReadAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _folder.Dispose();
    }

    private async Task ServeAsync(byte[] answer)
    {
        while (true)
        {
            using var connection = await _listener.AcceptAsync();
            await using var stream = new NetworkStream(connection);
            using var asked = new MemoryStream();
            await stream.CopyToAsync(asked);
            _asked.Writer.TryWrite(Encoding.UTF8.GetString(asked.ToArray()));
            await stream.WriteAsync(answer);
        }
    }
}
