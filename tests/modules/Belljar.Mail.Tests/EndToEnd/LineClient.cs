using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Belljar.Mail.Tests.EndToEnd;

/// <summary>A plain SMTP client: what it was told counts as promised only once the whole reply was read.</summary>
internal sealed class LineClient : IDisposable
{
    private readonly TcpClient _client;
    private readonly StreamReader _reader;

    private LineClient(TcpClient client)
    {
        _client = client;
        _reader = new StreamReader(client.GetStream(), Encoding.ASCII);
    }

    public static async Task<LineClient> ConnectAsync(IPEndPoint address)
    {
        var tcp = new TcpClient { NoDelay = true };
        await tcp.ConnectAsync(address);
        var client = new LineClient(tcp);
        await client.ReadReplyAsync();
        await client.SayAsync("EHLO client.test\r\n");
        return client;
    }

    /// <returns>Whether the message was acknowledged.</returns>
    /// <exception cref="IOException">The connection broke before there was an answer.</exception>
    public Task<bool> DeliverAsync(string recipient, string message) => DeliverAsync([recipient], message);

    public async Task<bool> DeliverAsync(IReadOnlyList<string> recipients, string message)
    {
        var envelope = string.Concat(recipients.Select(recipient => $"RCPT TO:<{recipient}>\r\n"));
        var replies = await SayAsync($"MAIL FROM:<alice@example.org>\r\n{envelope}DATA\r\n", replies: 2 + recipients.Count);
        return replies.StartsWith("354", StringComparison.Ordinal)
            && (await SayAsync(message.ReplaceLineEndings("\r\n") + "\r\n.\r\n")).StartsWith("250", StringComparison.Ordinal);
    }

    public async Task<string> ReadReplyAsync()
    {
        while (true)
        {
            var line = await _reader.ReadLineAsync() ?? throw new IOException("closed");
            if (line[3] == ' ')
            {
                return line;
            }
        }
    }

    public void Dispose() => _client.Dispose();

    private async Task<string> SayAsync(string text, int replies = 1)
    {
        await _client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(text));
        var reply = "";
        for (var i = 0; i < replies; i++)
        {
            reply = await ReadReplyAsync();
        }

        return reply;
    }
}
