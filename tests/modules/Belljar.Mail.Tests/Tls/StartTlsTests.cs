using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Belljar.Mail.Victim;
using Belljar.Testing;

namespace Belljar.Mail.Tests.Tls;

/// <summary>STARTTLS over real sockets.</summary>
public sealed class StartTlsTests : IDisposable
{
    private readonly TemporaryFolder _home = new();

    public void Dispose() => _home.Dispose();

    [Fact]
    public async Task Message_InsideTls_IsStoredAndItsTraceSaysSo()
    {
        await using var host = await MailHost.StartAsync(_home.Path, TestMail.Options);
        using var client = await Client.ConnectAsync(host);
        Assert.Contains("STARTTLS", await client.SayAsync("EHLO client.test"), StringComparison.Ordinal);
        Assert.StartsWith("220", await client.SayAsync("STARTTLS"), StringComparison.Ordinal);
        await client.SecureAsync();
        Assert.StartsWith("503", await client.SayAsync("MAIL FROM:<a@b.test>"), StringComparison.Ordinal);
        Assert.DoesNotContain("STARTTLS", await client.SayAsync("EHLO client.test"), StringComparison.Ordinal);
        await client.SayAsync("MAIL FROM:<a@b.test>");
        await client.SayAsync("RCPT TO:<agent@mx.test>");
        await client.SayAsync("DATA");
        Assert.StartsWith("250", await client.SayAsync("Subject: secret\r\n\r\n" + new string('x', 70000) + "\r\n."), StringComparison.Ordinal);
        Assert.StartsWith("221", await client.SayAsync("QUIT"), StringComparison.Ordinal);
        Assert.Equal(-1, await client.ReadByteAsync());

        var reader = TestMail.Reader(_home["state/mail"]);
        var message = reader.Show("agent", Assert.Single(reader.List("agent")).Id)!;
        Assert.Contains("with ESMTPS id", await File.ReadAllTextAsync(message.RawPath!), StringComparison.Ordinal);
        Assert.Equal(70000, message.Body.Trim().Length);
    }

    [Fact]
    public async Task Commands_PipelinedInTheClear_EndTheConnection()
    {
        await using var host = await MailHost.StartAsync(_home.Path, TestMail.Options);
        using var client = await Client.ConnectAsync(host);
        await client.SayAsync("EHLO client.test");
        Assert.StartsWith("554 5.5.1", await client.SayAsync("STARTTLS\r\nEHLO evil.test\r\nMAIL FROM:<evil@b.test>"), StringComparison.Ordinal);
        client.FinishSending();
        Assert.Equal(-1, await client.ReadByteAsync());
    }

    [Fact]
    public async Task Nonsense_InsteadOfAHandshake_EndsTheConnectionAndNothingElse()
    {
        await using var host = await MailHost.StartAsync(_home.Path, TestMail.Options);
        using (var client = await Client.ConnectAsync(host))
        {
            await client.SayAsync("EHLO client.test");
            await client.SayAsync("STARTTLS");
            await client.SendAsync("MAIL FROM:<a@b.test>\r\nRCPT TO:<agent@mx.test>\r\n");
            client.FinishSending();
            Assert.DoesNotContain("250", await client.ReadAllAsync(), StringComparison.Ordinal);
        }

        using var next = await Client.ConnectAsync(host);
        Assert.StartsWith("250", await next.SayAsync("HELO client.test"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\n.\n")]
    [InlineData("\n.\r\n")]
    [InlineData("\r\n.\n")]
    [InlineData("\r.\r")]
    [InlineData("\r\n.\r\r\n")]
    [InlineData("\r\r\n.\r\n")]
    public async Task Smuggling_InsideTls_EndsTheConnection(string end)
    {
        await using var host = await MailHost.StartAsync(_home.Path, TestMail.Options);
        using var client = await Client.ConnectAsync(host);
        await client.SayAsync("EHLO client.test");
        await client.SayAsync("STARTTLS");
        await client.SecureAsync();
        await client.SayAsync("EHLO client.test");
        await client.SayAsync("MAIL FROM:<a@b.test>");
        await client.SayAsync("RCPT TO:<agent@mx.test>");
        await client.SayAsync("DATA");
        await client.SendAsync($"Subject: a\r\n\r\nbody{end}MAIL FROM:<admin@mx.test>\r\nRCPT TO:<agent@mx.test>\r\nDATA\r\nSubject: smuggled\r\n\r\nx\r\n.\r\n");
        client.FinishSending();
        var rest = await client.ReadAllAsync();
        Assert.StartsWith("554 5.6.0", rest, StringComparison.Ordinal);
        Assert.DoesNotContain("250", rest, StringComparison.Ordinal);
        Assert.Empty(TestMail.Reader(_home["state/mail"]).List("agent"));
    }

    private sealed class Client(TcpClient tcp) : IDisposable
    {
        private Stream _stream = tcp.GetStream();

        public static async Task<Client> ConnectAsync(MailHost host)
        {
            var tcp = new TcpClient();
            await tcp.ConnectAsync(host.Address);
            var client = new Client(tcp);
            await client.ReadReplyAsync();
            return client;
        }

        [System.Diagnostics.CodeAnalysis.SuppressMessage("Security", "CA5359", Justification = "The certificate is the test's own, made a moment ago.")]
        public async Task SecureAsync()
        {
            var secured = new SslStream(_stream);
            await secured.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "mx.test", RemoteCertificateValidationCallback = (_, _, _, _) => true });
            _stream = secured;
        }

        public async Task SendAsync(string text) => await _stream.WriteAsync(Encoding.ASCII.GetBytes(text));

        public async Task<string> SayAsync(string text)
        {
            await SendAsync(text + "\r\n");
            return await ReadReplyAsync();
        }

        public void FinishSending() => tcp.Client.Shutdown(SocketShutdown.Send);

        public async Task<int> ReadByteAsync()
        {
            var one = new byte[1];
            return await _stream.ReadAsync(one) == 0 ? -1 : one[0];
        }

        public async Task<string> ReadAllAsync()
        {
            var all = new StringBuilder();
            try
            {
                for (int next; (next = await ReadByteAsync()) >= 0;)
                {
                    all.Append((char)next);
                }
            }
            catch (IOException)
            {
                // Reset: what came before counts.
            }

            return all.ToString();
        }

        public void Dispose()
        {
            _stream.Dispose();
            tcp.Dispose();
        }

        private async Task<string> ReadReplyAsync()
        {
            var reply = new StringBuilder();
            var line = new StringBuilder();
            for (int next; (next = await ReadByteAsync()) >= 0;)
            {
                line.Append((char)next);
                if (next == '\n')
                {
                    reply.Append(line);
                    if (line[3] == ' ')
                    {
                        break;
                    }

                    line.Clear();
                }
            }

            return reply.ToString();
        }
    }
}
