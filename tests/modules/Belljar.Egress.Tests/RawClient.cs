using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Belljar.Protocols.Http1;

namespace Belljar.Egress.Tests;

internal sealed record RawResponse(int Status, string Head, string Body, bool WasCut)
{
    public bool Closes => Head.Contains("Connection: close", StringComparison.OrdinalIgnoreCase);
}

/// <summary>A client that sends exactly what a test says and reads with our own core.</summary>
internal sealed class RawClient(Socket socket) : IDisposable
{
    private readonly ResponseHead _head = new(Http1Limits.Default);
    private readonly BodyReader _body = new(Http1Limits.Default);
    private byte[] _left = [];

    public Socket Socket => socket;

    public Stream Stream { get; private set; } = new NetworkStream(socket);

    /// <summary>What the gate showed as the host's certificate.</summary>
    public X509Certificate2? Certificate { get; private set; }

    public async Task SecureAsync(string host, SslApplicationProtocol? protocol = null)
    {
        Assert.Empty(_left);
        var tls = new SslStream(Stream);
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(X509Certificate2.CreateFromPem(TestGate.Secrets.Authority.CertificatePem));
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = host,
            CertificateChainPolicy = policy,
            ApplicationProtocols = [protocol ?? SslApplicationProtocol.Http11],
        });
        Certificate = new X509Certificate2(tls.RemoteCertificate!);
        Stream = tls;
    }

    public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    public async Task SendAsync(byte[] bytes) => await Stream.WriteAsync(bytes);

    public async Task<RawResponse> ReadResponseAsync(string method = "GET")
    {
        var head = await ReadHeadAsync();
        _body.Start(_head.FramingFor(method));
        var text = new StringBuilder();
        while (true)
        {
            while (true)
            {
                var status = _body.Read(_left, out var consumed, out var data);
                text.Append(Encoding.Latin1.GetString(data));
                _left = _left[consumed..];
                Assert.NotEqual(BodyStatus.Refused, status);
                if (status is BodyStatus.Complete)
                {
                    return new RawResponse(_head.Status, head, text.ToString(), false);
                }

                if (status is BodyStatus.NeedsMore)
                {
                    break;
                }
            }

            if (!await FillAsync())
            {
                return new RawResponse(_head.Status, head, text.ToString(), !_body.MayEndHere);
            }
        }
    }

    /// <summary>The head of the next response, as text.</summary>
    public async Task<string> ReadHeadAsync()
    {
        _head.Reset();
        var text = new StringBuilder();
        while (true)
        {
            var status = _head.Read(_left, out var consumed);
            text.Append(Encoding.Latin1.GetString(_left.AsSpan(0, consumed)));
            _left = _left[consumed..];
            Assert.NotEqual(HeadStatus.Refused, status);
            if (status is HeadStatus.Complete)
            {
                return text.ToString();
            }

            Assert.True(await FillAsync(), $"the gate closed the connection after: {text}");
        }
    }

    /// <summary>Some bytes of the body, as framed; empty at the end.</summary>
    public async Task<string> ReadSomeAsync()
    {
        if (_left.Length == 0 && !await FillAsync())
        {
            return "";
        }

        var text = Encoding.Latin1.GetString(_left);
        _left = [];
        return text;
    }

    /// <summary>True when the other side has closed and nothing is left.</summary>
    public async Task<bool> IsClosedAsync() => _left.Length == 0 && !await FillAsync();

    public void Dispose()
    {
        Stream.Dispose();
        socket.Dispose();
    }

    private async Task<bool> FillAsync()
    {
        var bytes = new byte[64 * 1024];
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        try
        {
            var count = await Stream.ReadAsync(bytes, patience.Token);
            _left = [.. _left, .. bytes.AsSpan(0, count)];
            return count > 0;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
