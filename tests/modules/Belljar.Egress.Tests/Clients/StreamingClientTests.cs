using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Belljar.Sandboxes.Processes;

namespace Belljar.Egress.Tests.Clients;

/// <summary>Clients that see each piece as it is sent: events, messages; and .NET's own, which run right here.</summary>
public sealed class StreamingClientTests : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ClientRig _rig = new();

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Theory]
    [InlineData("curl", new[] { "curl", "-sSN", "https://api.example/events" })]
    [InlineData("python3 requests", new[] { "/usr/bin/python3", "-u", "-c", "import requests\nfor line in requests.get('https://api.example/events', stream=True).iter_lines(chunk_size=1): print(line.decode())" })]
    [InlineData("python3 httpx", new[] { "/usr/bin/python3", "-u", "-c", "import httpx\nwith httpx.stream('GET', 'https://api.example/events') as answer:\n  for line in answer.iter_lines(): print(line.rstrip())" })]
    public async Task AnEventStream_EachEventIsSeenBeforeTheNextIsSent(string what, string[] command)
    {
        await _rig.NeedAsync(what);
        await using var client = ChildProcess.Start(_rig.Spec(command) with { Output = ChildStream.Pipe, Error = ChildStream.AsOutput });
        using var output = new StreamReader(client.Output!);

        for (var i = 0; i < FileHost.Events; i++)
        {
            Assert.Equal($"data: event {i}", await output.ReadLineAsync().WaitAsync(Patience));
            Assert.Equal("", await output.ReadLineAsync().WaitAsync(Patience));
            _rig.Host.Seen.Release();
        }

        Assert.Equal("", (await output.ReadToEndAsync().WaitAsync(Patience)).Trim());
        Assert.Equal(0, await client.Exited.WaitAsync(Patience));
    }

    [Fact]
    public async Task Aiohttp_SpeaksWebSocket()
    {
        await _rig.NeedAsync("python3 aiohttp");

        var result = await _rig.RunAsync(["/usr/bin/python3", "-c", """
            import aiohttp, asyncio, os, ssl
            async def main():
                trust = ssl.create_default_context(cafile=os.environ['SSL_CERT_FILE'])
                async with aiohttp.ClientSession() as session:
                    async with session.ws_connect('https://api.example/ws', proxy=os.environ['HTTPS_PROXY'], ssl=trust, compress=15) as socket:
                        await socket.send_str('a text')
                        print(await socket.receive_str())
                        await socket.send_bytes(b'x' * 300000)
                        print(len(b''.join([(await socket.receive_bytes())])))
            asyncio.run(main())
            """]);

        Assert.True(result.Succeeded, result.ErrorText);
        Assert.Equal("a text\n300000\n", result.OutputText);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task DotNet_Fetches_AndUploads(string version)
    {
        using var handler = Handler();
        using var client = new HttpClient(handler) { DefaultRequestVersion = Version.Parse(version), DefaultVersionPolicy = HttpVersionPolicy.RequestVersionOrLower };

        Assert.Equal("hello from outside", await client.GetStringAsync(new Uri("https://api.example/hello")));
        using var body = new ByteArrayContent(new byte[3_000_000]);
        using var answer = await client.PutAsync(new Uri("https://api.example/upload"), body);
        Assert.Equal("3000000", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task DotNet_SpeaksWebSocket()
    {
        using var handler = Handler();
        using var invoker = new HttpMessageInvoker(handler);
        using var socket = new ClientWebSocket();
        using var patience = new CancellationTokenSource(Patience);
        await socket.ConnectAsync(new Uri("wss://api.example/ws"), invoker, patience.Token);

        await socket.SendAsync(Encoding.UTF8.GetBytes("a "), WebSocketMessageType.Text, endOfMessage: false, patience.Token);
        await socket.SendAsync(Encoding.UTF8.GetBytes("text"), WebSocketMessageType.Text, endOfMessage: true, patience.Token);

        var buffer = new byte[100];
        var text = "";
        WebSocketReceiveResult got;
        do
        {
            got = await socket.ReceiveAsync(buffer, patience.Token);
            text += Encoding.UTF8.GetString(buffer, 0, got.Count);
        }
        while (!got.EndOfMessage);
        Assert.Equal("a text", text);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, patience.Token);
    }

    private SocketsHttpHandler Handler()
    {
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.Add(X509CertificateLoader.LoadCertificateFromFile(_rig.Authority));
        return new SocketsHttpHandler { Proxy = new WebProxy($"http://{_rig.Gate.Address}"), SslOptions = { CertificateChainPolicy = trust } };
    }
}
