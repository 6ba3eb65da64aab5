using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Belljar.Demo;

/// <summary>The one place on loopback that the demo's bottle may reach: it answers every request with one line.</summary>
internal sealed class DemoWeb : IAsyncDisposable
{
    public const string Answer = "Hello from the shop.";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;

    public DemoWeb()
    {
        _listener.Start();
        _serving = ServeAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _serving;
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        var answer = Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {Answer.Length}\r\nConnection: close\r\n\r\n{Answer}");
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                using var visitor = await _listener.AcceptSocketAsync(_stop.Token);
                await visitor.ReceiveAsync(new byte[4096], _stop.Token);
                await visitor.SendAsync(answer, _stop.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException)
            {
                // A visitor that leaves early leaves the others waiting for nothing.
            }
        }
    }
}
