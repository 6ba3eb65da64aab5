using System.Net;
using System.Net.Sockets;
using System.Text;

namespace E2E.Tests;

/// <summary>A small web server on loopback that a bottle may or may not reach; it counts who came.</summary>
internal sealed class Web : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;
    private int _visits;

    public Web(string answer)
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        _serving = ServeAsync(answer);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    public int Visits => _visits;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _serving;
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task ServeAsync(string answer)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                using var visitor = await _listener.AcceptAsync(_stop.Token);
                Interlocked.Increment(ref _visits);
                await visitor.ReceiveAsync(new byte[4096], _stop.Token);
                var body = Encoding.UTF8.GetBytes(answer);
                await visitor.SendAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n"), _stop.Token);
                await visitor.SendAsync(body, _stop.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException)
            {
                // A visitor that leaves early is the test's business.
            }
        }
    }
}
