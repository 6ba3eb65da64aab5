using System.Net.Security;
using Belljar.Protocols.Tls;

namespace Belljar.Protocols.Tests.Tls;

public class ClientHelloTests
{
    [Theory]
    [InlineData("api.example.org")]
    [InlineData("API.example.ORG")]
    public async Task Read_ARealOne_GivesNameAndProtocols(string name)
    {
        Assert.Equal(ClientHelloStatus.Complete, ClientHello.Read(await RealAsync(name), out var hello));
        Assert.Equal("api.example.org", hello!.ServerName);
        Assert.Equal(["h2", "http/1.1"], hello.Alpn);
        Assert.False(hello.HasEncryptedHello);
    }

    [Fact]
    public async Task Read_WithAnAddress_HasNoName()
    {
        Assert.Equal(ClientHelloStatus.Complete, ClientHello.Read(await RealAsync("127.0.0.1"), out var hello));
        Assert.Null(hello!.ServerName);
    }

    [Fact]
    public async Task Read_CutAtEveryByte_IsIncompleteUntilTheLast()
    {
        var whole = await RealAsync("a.example");
        for (var cut = 0; cut < whole.Length; cut++)
        {
            Assert.Equal(ClientHelloStatus.Incomplete, ClientHello.Read(whole.AsSpan(0, cut), out _));
        }

        Assert.Equal(ClientHelloStatus.Complete, ClientHello.Read([.. whole, 1, 2, 3], out _));
    }

    [Fact]
    public async Task Read_InSeveralRecords_IsJoinedUpToABound()
    {
        var whole = await RealAsync("a.example");
        Assert.Equal(ClientHelloStatus.Complete, ClientHello.Read(Fragmented(whole, 5), out var hello));
        Assert.Equal("a.example", hello!.ServerName);
        Assert.Equal(ClientHelloStatus.Malformed, ClientHello.Read(Fragmented(whole, 9), out _));
    }

    [Theory]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n")]
    [InlineData("GET / HTTP/1.1\r\n")]
    [InlineData("\u0005\u0001\0")]
    [InlineData("\u0080\u002e\u0001\u0003\u0001")]
    [InlineData("\u0017\u0003\u0003\0\u0001x")]
    [InlineData("\u0016\u0002\0\0\u0001\u0001")]
    public void Read_AnotherProtocol_IsNotTlsFromItsFirstBytes(string text)
        => Assert.Equal(ClientHelloStatus.NotTls, ClientHello.Read(System.Text.Encoding.Latin1.GetBytes(text), out _));

    [Theory]
    [InlineData(new byte[] { 22, 3, 1, 0, 0 })]
    [InlineData(new byte[] { 22, 3, 1, 0xff, 0xff })]
    [InlineData(new byte[] { 22, 3, 1, 0, 4, 2, 0, 0, 0 })]
    [InlineData(new byte[] { 22, 3, 1, 0, 4, 1, 0, 0, 0 })]
    [InlineData(new byte[] { 22, 3, 1, 0, 4, 1, 0xff, 0xff, 0xff })]
    public void Read_BrokenRecords_AreMalformed(byte[] bytes)
        => Assert.Equal(ClientHelloStatus.Malformed, ClientHello.Read(bytes, out _));

    [Fact]
    public async Task Read_WithTwoNames_IsMalformed()
    {
        var real = await RealAsync("a.example");
        var at = real.AsSpan().IndexOf("a.example"u8) - 9; // type, length, list length, entry type, name length
        byte[] extension = [.. real.AsSpan(at, 9 + 9)];
        byte[] twice = [.. real.AsSpan(0, at), .. extension, .. real.AsSpan(at)];
        AddToLength(twice, 3, 2, extension.Length);  // record
        AddToLength(twice, 6, 3, extension.Length);  // handshake
        var extensionsAt = ExtensionsLengthAt(real);
        AddToLength(twice, extensionsAt, 2, extension.Length);

        Assert.Equal(ClientHelloStatus.Malformed, ClientHello.Read(twice, out _));
    }

    [Fact]
    public async Task Read_Damaged_NeverThrows()
    {
        var real = await RealAsync("a.example");
        var random = new Random(8446);
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = real.ToArray();
            for (var i = random.Next(1, 5); i > 0; i--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            var status = ClientHello.Read(bytes.AsSpan(0, random.Next(bytes.Length + 1)), out var hello);
            Assert.Equal(status is ClientHelloStatus.Complete, hello is not null);
        }
    }

    private static void AddToLength(byte[] bytes, int at, int size, int add)
    {
        for (var i = at + size - 1; i >= at; i--)
        {
            add += bytes[i];
            bytes[i] = (byte)add;
            add >>= 8;
        }
    }

    private static int ExtensionsLengthAt(byte[] hello)
    {
        var at = 5 + 4 + 2 + 32;
        at += 1 + hello[at];
        at += 2 + ((hello[at] << 8) | hello[at + 1]);
        return at + 1 + hello[at];
    }

    private static byte[] Fragmented(byte[] hello, int records)
    {
        var payload = hello.AsSpan(5);
        var size = (payload.Length / records) + 1;
        List<byte> bytes = [];
        for (var at = 0; at < payload.Length; at += size)
        {
            var part = payload[at..Math.Min(payload.Length, at + size)];
            bytes.AddRange([22, 3, 1, (byte)(part.Length >> 8), (byte)part.Length, .. part]);
        }

        return [.. bytes];
    }

    /// <summary>What this runtime's own TLS client sends first.</summary>
    private static async Task<byte[]> RealAsync(string name)
    {
        var wire = new Recording();
        await using var client = new SslStream(wire);
        await Assert.ThrowsAnyAsync<Exception>(() => client.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = name,
            ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
        }));
        return wire.Sent.ToArray();
    }

    /// <summary>Keeps what is written, and ends when something is read.</summary>
    private sealed class Recording : Stream
    {
        public MemoryStream Sent { get; } = new();

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => 0;

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => Sent.Write(buffer, offset, count);
    }
}
