using System.Diagnostics.CodeAnalysis;
using System.Text;
using Belljar.Egress.Policy;
using Belljar.Sandboxes.Processes;
using Belljar.Testing;

namespace Belljar.Egress.Tests.Http2;

/// <summary>Programs that people use and that speak HTTP/2, through a gate that reads what they say.</summary>
public sealed class Http2ClientTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public Http2ClientTests() => File.WriteAllText(Authority, TestGate.Secrets.Authority.CertificatePem);

    private string Authority => _folder["ca.pem"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    public async Task Curl_SpeaksHttp2(string method)
    {
        Need("curl");
        await using var server = Echoing();
        await using var gate = TestGate.For(server);
        await File.WriteAllBytesAsync(_folder["body"], new byte[3 << 20]);
        string[] body = method == "POST" ? ["--data-binary", $"@{_folder["body"]}"] : [];

        var result = await RunAsync(gate, ["curl", "-sS", "--http2", "-w", " %{http_version} %{http_code}", .. body, "https://api.example/x"]);

        Assert.Equal((method == "POST" ? $"{3 << 20} 2 200" : "0 2 200", ""), (result.OutputText, result.ErrorText));
    }

    [Fact]
    public async Task Curl_ThatIsRefused_ShowsWhatToDo()
    {
        Need("curl");
        await using var server = Echoing();
        await using var gate = TestGate.For(server, EgressRoute.To("api.example") with { Methods = ["GET"] });
        await File.WriteAllBytesAsync(_folder["body"], new byte[1 << 20]);

        var result = await RunAsync(gate, ["curl", "-sS", "--http2", "-w", " %{http_version} %{http_code}", "--data-binary", $"@{_folder["body"]}", "https://api.example/x"]);

        Assert.Contains("the route does not allow this method", result.OutputText);
        Assert.EndsWith(" 2 403", result.OutputText);
    }

    [Fact]
    public async Task Httpx_SpeaksHttp2()
    {
        await NeedModuleAsync("httpx");
        await NeedModuleAsync("h2");
        await using var server = Echoing();
        await using var gate = TestGate.For(server);

        var result = await RunAsync(gate,
        [
            "/usr/bin/python3", "-c", """
            import httpx, os, ssl
            with httpx.Client(http2=True, verify=ssl.create_default_context(cafile=os.environ['SSL_CERT_FILE'])) as client:
                for n in (0, 10, 100000):
                    answer = client.post('https://api.example/x', content=b'x' * n)
                    print(answer.http_version, answer.status_code, answer.text)
            """,
        ]);

        Assert.True(result.Succeeded, result.ErrorText);
        Assert.Equal("HTTP/2 200 0\nHTTP/2 200 10\nHTTP/2 200 100000\n", result.OutputText);
    }

    [Fact]
    public async Task Nghttp_SendsManyStreamsOverOneConnection()
    {
        Need("nghttp");
        await using var server = Echoing();
        await using var gate = TestGate.For(server);
        await using var bridge = Bridge(gate);

        var result = await RunAsync(gate, ["nghttp", "-s", "-n", "-m", "50", "-y", "-H:authority: api.example", $"https://127.0.0.1:{bridge.Port}/x"]);

        Assert.True(result.Succeeded, result.ErrorText);
        Assert.Equal(50, result.OutputText.Split('\n').Count(line => line.EndsWith(" /x", StringComparison.Ordinal) && line.Contains(" 200 ")));
    }

    [Fact]
    public async Task H2load_GetsEveryAnswer()
    {
        Need("h2load");
        await using var server = Echoing();
        await using var gate = TestGate.For(server, EgressRoute.To("api.example") with { Scan = RouteScan.Off });
        await using var bridge = Bridge(gate);

        var result = await RunAsync(gate, ["h2load", "-n", "2000", "-c", "4", "-m", "20", $"--connect-to=127.0.0.1:{bridge.Port}", "https://api.example/x"]);

        Assert.True(result.Succeeded, result.ErrorText);
        Assert.Contains("2000 succeeded, 0 failed, 0 errored, 0 timeout", result.OutputText);
    }

    /// <summary>The client that most people use: gRPC's own core, with its own HTTP/2, compression and idea of proxies.</summary>
    [Fact]
    public async Task Grpcio_CallsThroughTheGate_AndShowsWhyItWasRefused()
    {
        await NeedModuleAsync("grpc");
        await using var host = await GrpcHost.StartAsync();
        await using var gate = GrpcTests.Gate(host);

        var result = await RunAsync(gate,
        [
            "/usr/bin/python3", "-c", """
            import grpc, os
            as_is = lambda message: message
            roots = open(os.environ['SSL_CERT_FILE'], 'rb').read()
            channel = grpc.secure_channel('api.example:443', grpc.ssl_channel_credentials(roots))
            text = lambda words: b'\x0a' + bytes([len(words)]) + words.encode()

            unary = channel.unary_unary('/t.Echo/Unary', as_is, as_is)
            print('unary', unary(text('hello'), timeout=60)[2:].decode())
            print('gzip', unary(text('hello again'), timeout=60, compression=grpc.Compression.Gzip)[2:].decode())
            many = channel.unary_stream('/t.Echo/Many', as_is, as_is)
            print('many', len(list(many(text('hello'), timeout=60))))
            chat = channel.stream_stream('/t.Echo/Chat', as_is, as_is)
            print('chat', [answer[2:].decode() for answer in chat(iter([text(str(i)) for i in range(5)]), timeout=60)])
            for what, call, compression in (
                ('fails', channel.unary_unary('/t.Echo/Fails', as_is, as_is), None),
                ('secret', unary, None),
                ('secret gzip', unary, grpc.Compression.Gzip),
            ):
                try:
                    call(text('operators-own-key-77' if 'secret' in what else 'x'), timeout=60, compression=compression)
                    print(what, 'passed')
                except grpc.RpcError as error:
                    print(what, error.code().name, error.details())
            """,
        ]);

        Assert.True(result.Succeeded, result.ErrorText);
        Assert.Equal(
            """
            unary hello
            gzip hello again
            many 3
            chat ['0', '1', '2', '3', '4']
            fails NOT_FOUND nothing of that name
            secret PERMISSION_DENIED the request's message holds the secret OPERATOR_KEY (known-secret). Do not send this value. The gate adds credentials by itself where a route has them.
            secret gzip PERMISSION_DENIED the request's message holds the secret OPERATOR_KEY (known-secret). Do not send this value. The gate adds credentials by itself where a route has them.

            """,
            result.OutputText);
        Assert.DoesNotContain(host.Messages, message => message.Contains("operators-own-key-77"));
    }

    /// <summary>Answers each request with the length of its body.</summary>
    private static TestServer Echoing() => TestServer.Secure(async stream =>
    {
        while (await TestServer.ReadHeadAsync(stream) is { } head)
        {
            var words = head.Split("Content-Length: ");
            var length = words.Length > 1 ? int.Parse(words[1].Split('\r')[0], System.Globalization.CultureInfo.InvariantCulture) : 0;
            if (head.Contains("Transfer-Encoding"))
            {
                while (int.Parse((await LineAsync(stream)).TrimEnd(), System.Globalization.NumberStyles.HexNumber, System.Globalization.CultureInfo.InvariantCulture) is var chunk and > 0)
                {
                    await stream.ReadExactlyAsync(new byte[chunk + 2]);
                    length += chunk;
                }

                await LineAsync(stream);
            }
            else
            {
                await stream.ReadExactlyAsync(new byte[length]);
            }

            await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {$"{length}".Length}\r\n\r\n{length}"));
        }
    });

    private static async Task<string> LineAsync(Stream stream)
    {
        var line = new StringBuilder();
        var one = new byte[1];
        while (!line.ToString().EndsWith('\n') && await stream.ReadAsync(one) > 0)
        {
            line.Append((char)one[0]);
        }

        return line.ToString();
    }

    /// <summary>For programs that know no proxies: whoever connects is in a tunnel to the host.</summary>
    private static TestServer Bridge(TestGate gate) => new(async stream =>
    {
        using var client = await gate.ConnectAsync();
        await client.SendAsync("CONNECT api.example:443 HTTP/1.1\r\nHost: api.example:443\r\n\r\n");
        await client.ReadHeadAsync();
        await Task.WhenAny(stream.CopyToAsync(client.Stream), client.Stream.CopyToAsync(stream));
    });

    private static void Need(string program) => Assert.SkipWhen(ProgramPath.Find(program) is null, $"{program} is not installed");

    private static async Task NeedModuleAsync(string module)
    {
        Need("python3");
        var found = await ChildProcess.RunAsync(
            new ChildSpec("/usr/bin/python3", "-c", $"import {module}") { Environment = new Dictionary<string, string> { ["PATH"] = ProgramPath.Default } },
            new RunLimits { Timeout = TimeSpan.FromSeconds(90) },
            CancellationToken.None);
        Assert.SkipUnless(found.Succeeded, $"python3 has no module {module}");
    }

    [SuppressMessage("ApiDesign", "RS0030", Justification = "The tests hand their own PATH on.")]
    private Task<RunResult> RunAsync(TestGate gate, string[] command)
    {
        var environment = new Dictionary<string, string>
        {
            ["PATH"] = ProgramPath.Default,
            ["HOME"] = _folder["."],
            ["LANG"] = "C.UTF-8",
            ["SSL_CERT_FILE"] = Authority,
            ["CURL_CA_BUNDLE"] = Authority,
        };
        foreach (var name in new[] { "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy" })
        {
            environment[name] = $"http://{gate.Address}";
        }

        return ChildProcess.RunAsync(
            new ChildSpec(command) { Environment = environment, WorkingDirectory = _folder["."] },
            new RunLimits { Timeout = TimeSpan.FromSeconds(120) },
            CancellationToken.None);
    }
}
