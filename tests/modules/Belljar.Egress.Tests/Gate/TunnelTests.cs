using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Belljar.Contracts;
using Belljar.Egress.Policy;

namespace Belljar.Egress.Tests.Gate;

public class TunnelTests
{
    private static readonly X509Certificate2 Certificate = SelfSigned();
    private static readonly EgressRoute Passthrough = EgressRoute.To("api.example") with { Tls = RouteTls.Passthrough };

    /// <summary>undici's ProxyAgent writes the proxy's own address there.</summary>
    [Theory]
    [InlineData("proxy", 200)]
    [InlineData("evil.example:443", 400)]
    [InlineData("127.0.0.1:1", 400)]
    public async Task Connect_WithAnotherHostField_IsOnlyTakenForTheProxysOwn(string named, int status)
    {
        await using var server = TestServer.SecureOk();
        await using var gate = TestGate.For(server);
        using var client = await gate.ConnectAsync();

        await client.SendAsync($"CONNECT api.example:443 HTTP/1.1\r\nHost: {(named == "proxy" ? $"{gate.Address}" : named)}\r\n\r\n");

        Assert.StartsWith($"HTTP/1.1 {status} ", await client.ReadHeadAsync());
    }

    [Fact]
    public async Task Connect_WithRealTls_PassesBothWaysAndIsCounted()
    {
        await using var server = TlsEcho();
        await using var gate = TestGate.For(server, Passthrough);
        using var client = await gate.ConnectAsync();

        await client.SendAsync("CONNECT api.example:443 HTTP/1.1\r\nHost: api.example:443\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200 ", await client.ReadHeadAsync());
        await using (var tls = await TlsAsync(client, "api.example"))
        {
            var sent = RandomNumberGenerator.GetBytes(1 << 20);
            var writing = tls.WriteAsync(sent).AsTask();
            var received = new byte[sent.Length];
            await tls.ReadExactlyAsync(received);
            await writing;
            Assert.True(sent.AsSpan().SequenceEqual(received));
            await tls.ShutdownAsync();
        }

        client.Dispose();
        var decision = await gate.Events.NextAsync();
        Assert.Equal((Verdict.Allow, "CONNECT", 443, TestGate.PublicAddress), (decision.Decision, decision.Method, decision.Port, decision.Address));
        Assert.Null(decision.Path);
        Assert.InRange(decision.BytesUp, 1 << 20, 2 << 20);
        Assert.InRange(decision.BytesDown, 1 << 20, 2 << 20);
    }

    [Fact]
    public async Task Connect_ByARealClient_ServesHttps()
    {
        await using var server = new TestServer(async stream =>
        {
            await using var tls = new SslStream(stream);
            await tls.AuthenticateAsServerAsync(Certificate);
            while (await TestServer.ReadHeadAsync(tls) is not null)
            {
                await tls.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecure"u8.ToArray());
            }
        });
        await using var gate = TestGate.For(server, Passthrough);
        using var handler = new SocketsHttpHandler
        {
            Proxy = new System.Net.WebProxy($"http://{gate.Address}"),
            SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = IsOurs },
        };
        using var http = new HttpClient(handler);

        Assert.Equal("secure", await http.GetStringAsync(new Uri("https://api.example/")));
    }

    [Theory]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: api.example\r\n\r\n")]
    [InlineData("\0\0\0\u0001")]
    public async Task Connect_WithSomethingElseThanTls_IsClosedAndNothingReachesTheHost(string first)
    {
        var reached = new TaskCompletionSource<int>();
        await using var server = new TestServer(async stream => reached.SetResult(await stream.ReadAsync(new byte[100])));
        await using var gate = TestGate.For(server, Passthrough);
        using var client = await gate.ConnectAsync();

        await client.SendAsync("CONNECT api.example:443 HTTP/1.1\r\nHost: api.example:443\r\n\r\n");
        await client.ReadHeadAsync();
        await client.SendAsync(first);

        Assert.True(await client.IsClosedAsync());
        Assert.Equal(0, await reached.Task);
        var decision = await gate.Events.NextAsync();
        Assert.Equal((Verdict.Deny, "tls-only"), (decision.Decision, decision.Rule));
    }

    [Theory]
    [InlineData("other.example")]
    [InlineData("127.0.0.1")] // no name at all
    public async Task Connect_WithAnotherNameInside_IsDeniedWithAnAlert(string name)
    {
        await using var server = TlsEcho();
        await using var gate = TestGate.For(server, Passthrough);
        using var client = await gate.ConnectAsync();
        await client.SendAsync("CONNECT api.example:443 HTTP/1.1\r\nHost: api.example:443\r\n\r\n");
        await client.ReadHeadAsync();

        await Assert.ThrowsAsync<AuthenticationException>(() => TlsAsync(client, name));

        var decision = await gate.Events.NextAsync();
        Assert.Equal((Verdict.Deny, "sni", 0L), (decision.Decision, decision.Rule, decision.BytesUp));
    }

    [Fact]
    public async Task Connect_ToAnAddress_NeedsNoName()
    {
        await using var server = TlsEcho();
        await using var gate = new TestGate(new EgressOptions(EgressMode.Enforce, [EgressRoute.To("127.0.0.1") with { Ports = [server.Port], Tls = RouteTls.Passthrough }]));
        using var client = await gate.ConnectAsync();
        await client.SendAsync($"CONNECT 127.0.0.1:{server.Port} HTTP/1.1\r\nHost: 127.0.0.1:{server.Port}\r\n\r\n");
        await client.ReadHeadAsync();

        await using var tls = await TlsAsync(client, "127.0.0.1");
        await tls.WriteAsync("ping"u8.ToArray());

        Assert.Equal("ping", await TestServer.ReadExactlyAsync(tls, 4));
    }

    [Theory]
    [InlineData("evil.example:443", "default-deny")]
    [InlineData("api.example:22", "port-22")]
    [InlineData("api.example:25", "route:api.example")]
    [InlineData("127.1:443", "host-spelling")]
    [InlineData("api.example.:443", "host-spelling")]
    public async Task Connect_ThatIsNotAllowed_Is403(string target, string rule)
    {
        await using var server = TlsEcho();
        await using var gate = TestGate.For(server);

        var response = await gate.SendAsync($"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n", "CONNECT");

        Assert.Equal(403, response.Status);
        Assert.Contains($"\"rule\":\"{rule}\"", response.Body);
        Assert.Equal(0, server.Accepted);
        Assert.Equal(rule, (await gate.Events.NextAsync()).Rule);
    }

    [Fact]
    public async Task Connect_ToNobody_Is502()
    {
        await using var gate = new TestGate(new EgressOptions(EgressMode.Enforce, [EgressRoute.To("api.example")]));

        var response = await gate.SendAsync("CONNECT api.example:443 HTTP/1.1\r\nHost: api.example:443\r\n\r\n", "CONNECT");

        Assert.Equal(502, response.Status);
        Assert.Contains("the name does not exist", response.Body);
    }

    [Fact]
    public async Task Connect_HalfClosed_StillBringsTheRest()
    {
        // The hello is real; what follows is not TLS any more, which is the host's affair.
        await using var server = new TestServer(async stream =>
        {
            var all = new MemoryStream();
            await stream.CopyToAsync(all);
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"got {all.Length}"));
        });
        await using var gate = TestGate.For(server, Passthrough);
        using var client = await gate.ConnectAsync();
        await client.SendAsync("CONNECT api.example:443 HTTP/1.1\r\nHost: api.example:443\r\n\r\n");
        await client.ReadHeadAsync();
        var hello = await HelloAsync("api.example");
        await client.SendAsync([.. hello, .. new byte[1000]]);
        client.Socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);

        var answer = "";
        while (await client.ReadSomeAsync() is { Length: > 0 } more)
        {
            answer += more;
        }

        Assert.Equal($"got {hello.Length + 1000}", answer);
        Assert.Equal(hello.Length + 1000, (await gate.Events.NextAsync()).BytesUp);
    }

    [Fact]
    public async Task Connect_WithTheHelloByteForByte_Works()
    {
        await using var server = new TestServer(async stream => await stream.CopyToAsync(stream));
        await using var gate = TestGate.For(server, Passthrough);
        using var client = await gate.ConnectAsync();
        await client.SendAsync("CONNECT api.example:443 HTTP/1.1\r\nHost: api.example:443\r\n\r\n");
        await client.ReadHeadAsync();
        var hello = await HelloAsync("api.example");

        foreach (var octet in hello)
        {
            await client.SendAsync([octet]);
        }

        var received = "";
        while (received.Length < hello.Length)
        {
            received += await client.ReadSomeAsync();
        }

        Assert.Equal(Encoding.Latin1.GetString(hello), received);
    }

    private static TestServer TlsEcho() => new(async stream =>
    {
        await using var tls = new SslStream(stream);
        try
        {
            await tls.AuthenticateAsServerAsync(Certificate);
            await tls.CopyToAsync(tls);
        }
        catch (AuthenticationException)
        {
        }
    });

    private static async Task<SslStream> TlsAsync(RawClient client, string name)
    {
        var tls = new SslStream(client.Stream, leaveInnerStreamOpen: true, IsOurs);
        await tls.AuthenticateAsClientAsync(name);
        return tls;
    }

    private static bool IsOurs(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
        => certificate is not null && certificate.GetCertHash(HashAlgorithmName.SHA256).AsSpan().SequenceEqual(Certificate.GetCertHash(HashAlgorithmName.SHA256));

    private static async Task<byte[]> HelloAsync(string name)
    {
        var (near, far) = (new MemoryStream(), new MemoryStream());
        await using var tls = new SslStream(new Duplex(far, near));
        await Assert.ThrowsAnyAsync<Exception>(() => tls.AuthenticateAsClientAsync(name));
        return near.ToArray();
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=api.example", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("api.example");
        request.CertificateExtensions.Add(names.Build());
        var day = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(day.AddDays(-1), day.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
    }

    private sealed class Duplex(Stream input, Stream output) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => input.Read(buffer, offset, count);

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => output.Write(buffer, offset, count);
    }
}
