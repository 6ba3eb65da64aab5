using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Belljar.Contracts;
using Belljar.Contracts.Events;
using Belljar.Egress.Policy;
using Belljar.Egress.Secrets;
using Belljar.Protocols.WebSocket;

namespace Belljar.Egress.Tests.Gate;

public class WebSocketTests
{
    private const string Real = "r3al-s3cret-value-1";
    private const string Fake = "placeholder-0123456789";
    private static readonly RouteAuth Auth = new(AuthScheme.Bearer, new CredentialReference(CredentialReference.Variable, ["API_TOKEN"]));
    private static readonly GateSecrets Secrets = TestGate.Secrets with { Credentials = [new Credential(Auth.Value.Name, Real, Fake)] };

    [Fact]
    public async Task ARealClient_TalksThroughTheGate()
    {
        var heads = new ConcurrentQueue<string>();
        await using var server = Echo(heads.Enqueue);
        await using var gate = Gate(server);
        using var socket = await ConnectAsync(gate);

        foreach (var text in new[] { "hello", "", new string('x', 200_000) })
        {
            await SendAsync(socket, text, WebSocketMessageType.Text);
            Assert.Equal(text, await ReceiveAsync(socket));
        }

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "bye", CancellationToken.None);
        var decision = await gate.Events.NextAsync();
        Assert.Equal((Verdict.Allow, 101, "/socket"), (decision.Decision, decision.Status, decision.Path));
        Assert.InRange(decision.BytesUp, 200_005, 200_100);
        var head = Assert.Single(heads);
        Assert.Contains("Connection: Upgrade\r\nUpgrade: websocket", head);
        Assert.Contains($"Authorization: Bearer {Real}", head);
        Assert.DoesNotContain("Extensions", head);
    }

    [Theory]
    [InlineData(WebSocketMessageType.Text, 1)]
    [InlineData(WebSocketMessageType.Binary, 1)]
    [InlineData(WebSocketMessageType.Text, 7)]
    [InlineData(WebSocketMessageType.Binary, 3)]
    public async Task APlaceholderInAMessage_EndsTheConnectionAndRings(WebSocketMessageType type, int fragments)
    {
        var received = new ConcurrentQueue<string>();
        await using var server = Echo(_ => { }, received.Enqueue);
        await using var gate = Gate(server);
        using var socket = await ConnectAsync(gate);
        var message = Encoding.ASCII.GetBytes($"{{\"x\":\"{Fake}\"}}");

        foreach (var (part, i) in message.Chunk((message.Length / fragments) + 1).Select((part, i) => (part, i)))
        {
            await socket.SendAsync(part, type, endOfMessage: i == fragments - 1, CancellationToken.None);
        }

        await Assert.ThrowsAnyAsync<WebSocketException>(() => ReceiveAsync(socket));
        var rung = EventKinds.EgressCanary.Read(await gate.Events.NextEventAsync());
        Assert.Equal(("message", "denied"), (rung.Place, rung.Action));
        Assert.Equal(Verdict.Deny, (await gate.Events.NextAsync()).Decision);
        Assert.Empty(received);
    }

    [Fact]
    public async Task OnARouteThatRedacts_TheValueIsCoveredAndTheTalkGoesOn()
    {
        await using var server = Echo(_ => { });
        await using var gate = Gate(server, RouteScan.Redact);
        using var socket = await ConnectAsync(gate);

        await SendAsync(socket, $"a {Fake} b", WebSocketMessageType.Text);

        Assert.Equal($"a {new string('*', Fake.Length)} b", await ReceiveAsync(socket));
        Assert.Equal("redacted", EventKinds.EgressCanary.Read(await gate.Events.NextEventAsync()).Action);
    }

    [Fact]
    public async Task AnEchoOfTheCredential_IsCovered()
    {
        await using var server = TestServer.Secure(async stream =>
        {
            var head = await TestServer.ReadHeadAsync(stream);
            byte[] answer = [.. Agree(head!), .. Frame(WebSocketOpcode.Text, "you are "u8.ToArray(), false), .. Frame(WebSocketOpcode.Continuation, Encoding.ASCII.GetBytes(Real), true)];
            await stream.WriteAsync(answer);
            await stream.CopyToAsync(Stream.Null);
        });
        await using var gate = Gate(server);
        using var socket = await ConnectAsync(gate);

        Assert.Equal($"you are {new string('*', Real.Length)}", await ReceiveAsync(socket));
    }

    [Theory]
    [InlineData("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n")]
    [InlineData("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")]
    [InlineData("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n")]
    public async Task AnAnswerThatDoesNotAgree_Is502(string answer)
    {
        await using var server = TestServer.SecurelyAnswering(answer);
        await using var gate = Gate(server);

        Assert.Equal(502, (await gate.SendSecurelyAsync(Asking())).Status);
    }

    [Fact]
    public async Task ARequestBehindTheSwitch_ReachesNobody()
    {
        var received = new ConcurrentQueue<string>();
        await using var server = Echo(_ => { }, received.Enqueue);
        await using var gate = Gate(server);
        using var client = await gate.ConnectSecurelyAsync();

        await client.SendAsync(Asking() + "GET /admin HTTP/1.1\r\nHost: api.example\r\n\r\n");
        while (!await client.IsClosedAsync())
        {
            await client.ReadSomeAsync();
        }

        Assert.Empty(received);
        Assert.NotEqual("", (await gate.Events.NextAsync()).Reason);
    }

    [Theory]
    [InlineData("Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n")]
    [InlineData("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 8\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n")]
    [InlineData("Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n")]
    public async Task AnythingElseThanAWebSocket_IsNotAskedFor(string fields)
    {
        var seen = new ConcurrentQueue<string>();
        await using var server = TestServer.SecureOk(seen: seen.Enqueue);
        await using var gate = Gate(server);

        Assert.Equal(200, (await gate.SendSecurelyAsync($"GET / HTTP/1.1\r\nHost: api.example\r\n{fields}\r\n")).Status);
        Assert.DoesNotContain("Upgrade", Assert.Single(seen));
    }

    private static string Asking() => "GET /socket HTTP/1.1\r\nHost: api.example\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n";

    private static TestGate Gate(TestServer server, RouteScan scan = RouteScan.Deny)
        => new TestGate(new EgressOptions(EgressMode.Enforce, [EgressRoute.To("api.example") with { Auth = Auth, Scan = scan }]), secrets: Secrets).Leading(server);

    private static async Task<ClientWebSocket> ConnectAsync(TestGate gate)
    {
        var socket = new ClientWebSocket();
        socket.Options.Proxy = new WebProxy($"http://{gate.Address}");
        socket.Options.DangerousDeflateOptions = new WebSocketDeflateOptions();
        var authority = X509Certificate2.CreateFromPem(TestGate.Secrets.Authority.CertificatePem);
        socket.Options.RemoteCertificateValidationCallback = (_, leaf, chain, _) =>
        {
            chain!.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            chain.ChainPolicy.CustomTrustStore.Add(authority);
            return chain.Build((X509Certificate2)leaf!);
        };
        await socket.ConnectAsync(new Uri("wss://api.example/socket"), CancellationToken.None);
        return socket;
    }

    private static Task SendAsync(ClientWebSocket socket, string text, WebSocketMessageType type)
        => socket.SendAsync(Encoding.ASCII.GetBytes(text), type, endOfMessage: true, CancellationToken.None);

    private static async Task<string> ReceiveAsync(ClientWebSocket socket)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var text = new StringBuilder();
        var buffer = new byte[64 * 1024];
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer, patience.Token);
            text.Append(Encoding.ASCII.GetString(buffer, 0, part.Count));
            if (part.EndOfMessage)
            {
                return text.ToString();
            }
        }
    }

    /// <summary>A host that says back every message, and tells the test of it.</summary>
    private static TestServer Echo(Action<string> heads, Action<string>? messages = null) => TestServer.Secure(async stream =>
    {
        var head = await TestServer.ReadHeadAsync(stream);
        heads(head!);
        await stream.WriteAsync(Agree(head!));
        var reader = new FrameReader(fromClient: true);
        var message = new MemoryStream();
        var buffer = new byte[32 * 1024];
        int count;
        while ((count = await stream.ReadAsync(buffer)) > 0)
        {
            var answers = new MemoryStream();
            Take(reader, buffer.AsSpan(0, count), message, answers, messages);
            await stream.WriteAsync(answers.ToArray());
        }
    });

    private static void Take(FrameReader reader, ReadOnlySpan<byte> bytes, MemoryStream message, MemoryStream answers, Action<string>? messages)
    {
        while (true)
        {
            var status = reader.Read(bytes, out var consumed, out var payload);
            bytes = bytes[consumed..];
            if (status is WebSocketFrameStatus.Payload)
            {
                var plain = new byte[payload.Length];
                reader.Unmask(payload, plain);
                message.Write(plain);
            }
            else if (status is WebSocketFrameStatus.End && reader.Frame.IsFinal)
            {
                messages?.Invoke(Encoding.ASCII.GetString(message.ToArray()));
                answers.Write(Frame(reader.Frame.IsControl ? reader.Frame.Opcode : WebSocketOpcode.Text, message.ToArray(), true));
                message.SetLength(0);
            }
            else if (status is WebSocketFrameStatus.NeedsMore)
            {
                return;
            }

            Assert.NotEqual(WebSocketFrameStatus.Refused, status);
        }
    }

    private static byte[] Agree(string head)
    {
        var key = head.Split("\r\n").Single(line => line.StartsWith("Sec-WebSocket-Key: ", StringComparison.OrdinalIgnoreCase))[19..];
        return Encoding.ASCII.GetBytes(
            $"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: {WebSocketHandshake.AcceptOf(Encoding.ASCII.GetBytes(key))}\r\n\r\n");
    }

    private static byte[] Frame(WebSocketOpcode opcode, byte[] payload, bool isFinal)
    {
        var output = new ArrayBufferWriter<byte>();
        FrameWriter.Write(output, opcode, isFinal, payload, []);
        return output.WrittenSpan.ToArray();
    }
}
