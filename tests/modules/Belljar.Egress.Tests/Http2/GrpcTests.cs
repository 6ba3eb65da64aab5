using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Belljar.Contracts;
using Belljar.Egress.Policy;
using Belljar.Egress.Secrets;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Belljar.Egress.Tests.Http2;

public class GrpcTests
{
    private const string Real = "r3al-s3cret-value-1";
    private const string Fake = "placeholder-0123456789";
    private const string Known = "operators-own-key-77";
    private static readonly RouteAuth Auth = new(AuthScheme.Bearer, new CredentialReference(CredentialReference.Variable, ["API_TOKEN"]));

    private static readonly GateSecrets Secrets = TestGate.Secrets with
    {
        Credentials = [new Credential(Auth.Value.Name, Real, Fake)],
        Known = [new KnownSecret("OPERATOR_KEY", Known)],
    };

    [Fact]
    public async Task AUnaryCall_Passes_WithItsTrailers()
    {
        await using var host = await GrpcHost.StartAsync();
        await using var gate = Gate(host);
        using var client = Client(gate);

        var (response, messages) = await CallAsync(client, "Unary", GrpcHost.Framed(GrpcHost.Text("hello")));

        Assert.Equal(GrpcHost.Text("hello"), Assert.Single(messages));
        Assert.Equal("0", Assert.Single(response.TrailingHeaders.GetValues("grpc-status")));
        Assert.Equal((Verdict.Allow, "/t.Echo/Unary", 200), await gate.Events.NextAsync() is var decision ? (decision.Decision, decision.Path, decision.Status) : default);
        Assert.StartsWith("HTTP/2 POST", host.Heads.First());
    }

    [Fact]
    public async Task AFailedCall_KeepsItsOutcome()
    {
        await using var host = await GrpcHost.StartAsync();
        await using var gate = Gate(host);
        using var client = Client(gate);

        var (response, _) = await CallAsync(client, "Fails", GrpcHost.Framed(GrpcHost.Text("hello")));

        Assert.Equal("5", Assert.Single(response.TrailingHeaders.GetValues("grpc-status")));
        Assert.Equal("nothing of that name", Assert.Single(response.TrailingHeaders.GetValues("grpc-message")));
    }

    /// <summary>Neither side waits for the other to end.</summary>
    [Fact]
    public async Task AConversation_GoesBackAndForth()
    {
        await using var host = await GrpcHost.StartAsync();
        await using var gate = Gate(host);
        using var client = Client(gate);
        var talk = new Talk();
        using var request = Request("Chat", talk);
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await using var body = await response.Content.ReadAsStreamAsync();

        for (var i = 0; i < 20; i++)
        {
            await talk.SayAsync(GrpcHost.Framed(GrpcHost.Text($"message {i}")));

            Assert.Equal(GrpcHost.Text($"message {i}"), await GrpcHost.ReadMessageAsync(body));
        }

        talk.End();
        Assert.Null(await GrpcHost.ReadMessageAsync(body));
        Assert.Equal("0", Assert.Single(response.TrailingHeaders.GetValues("grpc-status")));
    }

    [Theory]
    [InlineData(Fake, false, "planted-value")]
    [InlineData(Known, false, "known-secret")]
    [InlineData(Fake, true, "planted-value")]
    [InlineData(Known, true, "known-secret")]
    public async Task ASecretInAMessage_StopsTheCall_AndTheClientIsToldInItsOwnWords(string secret, bool compressed, string rule)
    {
        await using var host = await GrpcHost.StartAsync();
        await using var gate = Gate(host);
        using var client = Client(gate);

        var (response, _) = await CallAsync(client, "Unary", GrpcHost.Framed(GrpcHost.Text($"a {secret} b"), compressed), compressed ? "gzip" : null);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("7", Outcome(response, "grpc-status"));
        Assert.Contains(rule, Outcome(response, "grpc-message"));
        Assert.DoesNotContain(secret, Outcome(response, "grpc-message"));
        Assert.Empty(host.Messages);
    }

    /// <summary>What came before has been answered already; the call ends with its outcome all the same.</summary>
    [Fact]
    public async Task ASecretLateInAConversation_EndsIt_WithAnOutcome()
    {
        await using var host = await GrpcHost.StartAsync();
        await using var gate = Gate(host);
        using var client = Client(gate);
        var talk = new Talk();
        using var request = Request("Chat", talk);
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await using var body = await response.Content.ReadAsStreamAsync();
        await talk.SayAsync(GrpcHost.Framed(GrpcHost.Text("harmless")));
        Assert.NotNull(await GrpcHost.ReadMessageAsync(body));

        await talk.SayAsync(GrpcHost.Framed(GrpcHost.Text(Known)));

        Assert.Null(await GrpcHost.ReadMessageAsync(body));
        Assert.Equal("7", Assert.Single(response.TrailingHeaders.GetValues("grpc-status")));
        Assert.Equal("harmless", Assert.Single(host.Messages)[2..]);
        Assert.Equal((Verdict.Deny, "known-secret"), await gate.Events.NextAsync() is var decision ? (decision.Decision, decision.Rule) : default);
        talk.End();
    }

    [Theory]
    [InlineData("snappy", "encoding")]
    [InlineData(null, "encoding")]
    public async Task AMessageThatCannotBeRead_IsDenied(string? encoding, string rule)
    {
        await using var host = await GrpcHost.StartAsync();
        await using var gate = Gate(host);
        using var client = Client(gate);

        var (response, _) = await CallAsync(client, "Unary", GrpcHost.Framed(GrpcHost.Text("hello"), compressed: true), encoding);

        Assert.Equal("7", Outcome(response, "grpc-status"));
        Assert.Contains(rule, Outcome(response, "grpc-message"));
        Assert.Empty(host.Messages);
    }

    public static TheoryData<string> NoMessages() => ["020000000141", "008000000041", "000000000941", "000000"];

    [Theory]
    [MemberData(nameof(NoMessages))]
    public async Task ABodyThatHoldsNoMessages_IsDenied(string body)
    {
        await using var host = await GrpcHost.StartAsync();
        await using var gate = Gate(host);
        using var client = Client(gate);

        var (response, _) = await CallAsync(client, "Unary", Convert.FromHexString(body));

        Assert.Equal("7", Outcome(response, "grpc-status"));
        Assert.Contains("malformed:GrpcMessage", Outcome(response, "grpc-message"));
        Assert.Empty(host.Messages);
    }

    [Fact]
    public async Task ACallThatIsNotAllowed_IsToldSo()
    {
        await using var host = await GrpcHost.StartAsync();
        await using var gate = Gate(host, EgressRoute.To("api.example") with { PathAllowlist = ["/t.Echo/Unary"] });
        using var client = Client(gate);

        var (response, _) = await CallAsync(client, "Many", GrpcHost.Framed(GrpcHost.Text("hello")));

        Assert.Equal("7", Outcome(response, "grpc-status"));
        Assert.Contains("the route does not allow this path", Outcome(response, "grpc-message"));
        Assert.Contains("http://belljar.internal/routes", Outcome(response, "grpc-message"));
        Assert.Empty(host.Heads);
    }

    [Fact]
    public async Task AHostThatIsNotThere_IsUnavailable()
    {
        await using var host = await GrpcHost.StartAsync();
        await using var gate = Gate(host);
        using var client = Client(gate);
        await host.DisposeAsync();
        await using var stranger = TestServer.Secure(_ => Task.CompletedTask);
        gate.Leading(stranger);

        var (response, _) = await CallAsync(client, "Unary", GrpcHost.Framed(GrpcHost.Text("hello")));

        Assert.Equal("14", Outcome(response, "grpc-status"));
    }

    [Fact]
    public async Task ACredential_IsAddedOutside_AndCoveredWhereItIsEchoed()
    {
        await using var host = await GrpcHost.StartAsync();
        await using var gate = Gate(host, EgressRoute.To("api.example") with { Auth = Auth });
        using var client = Client(gate);
        using var request = Request("Unary", new ByteArrayContent(GrpcHost.Framed(GrpcHost.Text("hello"))));
        request.Headers.TryAddWithoutValidation("authorization", $"Bearer {Fake}");
        request.Headers.TryAddWithoutValidation("grpc-accept-encoding", "identity, gzip");

        using var response = await client.SendAsync(request);

        Assert.Equal("0", Assert.Single(response.TrailingHeaders.GetValues("grpc-status")));
        Assert.Contains($"authorization: Bearer {Real}", host.Heads.First(), StringComparison.OrdinalIgnoreCase);
        Assert.Contains("grpc-accept-encoding: identity\n", host.Heads.First(), StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>One connection to the host serves one call after another.</summary>
    [Fact]
    public async Task CallsAfterEachOther_KeepTheHostsConnection()
    {
        await using var host = await GrpcHost.StartAsync();
        await using var gate = Gate(host);
        using var client = Client(gate);

        for (var i = 0; i < 5; i++)
        {
            var (response, _) = await CallAsync(client, "Many", GrpcHost.Framed(GrpcHost.Text($"{i}")));
            Assert.Equal("0", Assert.Single(response.TrailingHeaders.GetValues("grpc-status")));
            await gate.Events.NextAsync();
        }

        // A lane may be at its event still when the next call comes; not five times in a row.
        Assert.InRange(gate.Dialler.Dialled.Count, 1, 4);
    }

    /// <summary>A host may know HTTP/1.1 only; then its answer has no trailers, and the call fails for the client, not for us.</summary>
    [Fact]
    public async Task AHostWithoutHttp2_IsAskedInHttp1()
    {
        await using var host = await GrpcHost.StartAsync(HttpProtocols.Http1);
        await using var gate = Gate(host);
        using var client = Client(gate);

        var (response, messages) = await CallAsync(client, "Unary", GrpcHost.Framed(GrpcHost.Text("hello")));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Single(messages);
        Assert.StartsWith("HTTP/1.1 POST", host.Heads.First());
    }

    internal static TestGate Gate(GrpcHost host, EgressRoute? route = null)
    {
        var gate = new TestGate(new EgressOptions(EgressMode.Enforce, [route ?? EgressRoute.To("api.example")]), secrets: Secrets);
        gate.Resolver.Names["api.example"] = [IPAddress.Parse(TestGate.PublicAddress)];
        gate.Dialler.Default = host.Address;
        return gate;
    }

    internal static HttpClient Client(TestGate gate) => new(Handler(gate))
    {
        DefaultRequestVersion = HttpVersion.Version20,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        Timeout = TimeSpan.FromSeconds(60),
    };

    private static SocketsHttpHandler Handler(TestGate gate)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(X509Certificate2.CreateFromPem(TestGate.Secrets.Authority.CertificatePem));
        return new SocketsHttpHandler
        {
            Proxy = new WebProxy($"http://{gate.Address}"),
            AllowAutoRedirect = false,
            SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy },
        };
    }

    private static HttpRequestMessage Request(string method, HttpContent content, string? encoding = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"https://api.example/t.Echo/{method}")
        {
            Content = content,
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        content.Headers.ContentType = new("application/grpc");
        request.Headers.TE.ParseAdd("trailers");
        if (encoding is not null)
        {
            request.Headers.Add("grpc-encoding", encoding);
        }

        return request;
    }

    private static async Task<(HttpResponseMessage Response, List<byte[]> Messages)> CallAsync(HttpClient client, string method, byte[] body, string? encoding = null)
    {
        using var request = Request(method, new ByteArrayContent(body), encoding);
        var response = await client.SendAsync(request);
        var messages = new List<byte[]>();
        await using var stream = await response.Content.ReadAsStreamAsync();
        while (await GrpcHost.ReadMessageAsync(stream) is { } message)
        {
            messages.Add(message);
        }

        return (response, messages);
    }

    /// <summary>From the trailers, or from the head of an answer that is nothing else.</summary>
    private static string Outcome(HttpResponseMessage response, string name)
        => response.Headers.TryGetValues(name, out var values) || response.TrailingHeaders.TryGetValues(name, out values) ? string.Join(',', values) : "";

    /// <summary>A body that is said piece by piece.</summary>
    private sealed class Talk : HttpContent
    {
        private readonly TaskCompletionSource<Stream> _stream = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async Task SayAsync(byte[] bytes)
        {
            var stream = await _stream.Task;
            await stream.WriteAsync(bytes);
            await stream.FlushAsync();
        }

        public void End() => _end.TrySetResult();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.FlushAsync();
            _stream.SetResult(stream);
            await _end.Task;
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
