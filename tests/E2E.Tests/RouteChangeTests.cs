using System.Net;
using System.Net.Sockets;
using System.Text;
using Belljar.Sandboxes.Processes;

namespace E2E.Tests;

public class RouteChangeTests
{
    [Theory]
    [InlineData("http")]
    [InlineData("https")]
    public async Task EgressRun_OtherRoutes_AreInForceAtOnce_AndAStreamUnderWayGoesOn(string scheme)
    {
        Clients.Need("curl");
        await using var home = new Home();
        await using var stream = new Stream(scheme == "https");
        File.WriteAllText(home["upstream.pem"], stream.CertificatePem);
        var bottle = home["dev.md"];
        Write($"[{{host: shop.localhost, ports: [{stream.Port}]}}]");
        await using var gate = home.Start("egress", "run", "--bottle", bottle, "--listen", "127.0.0.1:0", "--ca-out", home["ca.pem"]);
        using var output = new StreamReader(gate.Output!);
        var address = (await output.ReadLineAsync())!["listening on ".Length..];
        Assert.Equal("ready", await output.ReadLineAsync());
        string[] curl = ["curl", "-sSN", "--noproxy", "", "--cacert", home["ca.pem"], "--proxy", $"http://{address}"];
        await using var client = ChildProcess.Start(new ChildSpec([.. curl, $"{scheme}://shop.localhost:{stream.Port}/stream"])
        {
            Environment = new Dictionary<string, string> { ["PATH"] = ProgramPath.Default },
            Output = ChildStream.Pipe,
            Error = ChildStream.AsOutput,
        });
        using var received = new StreamReader(client.Output!);
        Assert.Equal("data: one", await received.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60)));

        Write("[]");
        gate.Send(Signal.Hangup);
        var denied = await Clients.UntilAsync(
            () => Clients.RunAsync([.. curl, "-o", "/dev/null", "-w", scheme == "https" ? "%{http_connect}" : "%{http_code}", $"{scheme}://shop.localhost:{stream.Port}/again"]),
            result => result.OutputText == "403",
            "the new routes");
        stream.GoOn();

        Assert.Equal("403", denied.OutputText);
        Assert.Equal("data: two", await received.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60)));
        Assert.Null(await received.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60)));
        Assert.Equal(0, await client.Exited.WaitAsync(TimeSpan.FromSeconds(60)));

        void Write(string routes) => File.WriteAllText(bottle, $"---\negress:\n  upstream_ca: [{home["upstream.pem"]}]\n  routes: {routes}\n---\n");
    }

    /// <summary>A host whose answer goes on when the test says so.</summary>
    private sealed class Stream : IAsyncDisposable
    {
        private readonly SecureWeb _identity = new();
        private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        private readonly TaskCompletionSource _goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _serving;

        public Stream(bool isSecure)
        {
            _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            _listener.Listen();
            _serving = ServeAsync(isSecure);
        }

        public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

        public string CertificatePem => _identity.CertificatePem;

        public void GoOn() => _goOn.SetResult();

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _serving;
            _listener.Dispose();
            _stop.Dispose();
            await _identity.DisposeAsync();
        }

        private async Task ServeAsync(bool isSecure)
        {
            var visits = new List<Task>();
            try
            {
                while (true)
                {
                    visits.Add(AnswerAsync(await _listener.AcceptAsync(_stop.Token), isSecure));
                }
            }
            catch (OperationCanceledException)
            {
                await Task.WhenAll(visits);
            }
        }

        private async Task AnswerAsync(Socket visitor, bool isSecure)
        {
            try
            {
                await using var network = new NetworkStream(visitor, ownsSocket: true);
                await using var stream = isSecure ? await _identity.SecureAsync(network, _stop.Token) : network;
                var head = new byte[4096];
                var length = await stream.ReadAsync(head, _stop.Token);
                if (Encoding.ASCII.GetString(head, 0, length).Contains("/again ", StringComparison.Ordinal))
                {
                    await SayAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                    return;
                }

                await SayAsync("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\na\r\ndata: one\n\r\n");
                await _goOn.Task.WaitAsync(_stop.Token);
                await SayAsync("a\r\ndata: two\n\r\n0\r\n\r\n");
                while (await stream.ReadAsync(new byte[4096], _stop.Token) > 0)
                {
                }

                async Task SayAsync(string text)
                {
                    await stream.WriteAsync(Encoding.ASCII.GetBytes(text), _stop.Token);
                    await stream.FlushAsync(_stop.Token);
                }
            }
            catch (Exception error) when (error is OperationCanceledException or IOException or SocketException)
            {
                // The client left, or the test is over.
            }
        }
    }
}
