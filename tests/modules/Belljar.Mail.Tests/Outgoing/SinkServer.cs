using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Belljar.Mail.Tests.Outgoing;

/// <summary>A server on loopback that takes mail and does what a test wants at any command.</summary>
internal sealed class SinkServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentBag<Task> _connections = [];
    private readonly ConcurrentBag<TcpClient> _clients = [];
    private readonly Task _accepting;
    private int _accepted;

    public SinkServer()
    {
        _listener.Start();
        _accepting = Task.Run(AcceptAsync);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public int Connections => Volatile.Read(ref _accepted);

    public ConcurrentQueue<Received> Messages { get; } = new();

    public ConcurrentQueue<string> Commands { get; } = new();

    public string[] Extensions { get; set; } = ["PIPELINING", "8BITMIME", "SMTPUTF8", "SIZE 10000000"];

    /// <summary>The reply to a command (or <c>.</c>, the end of a message; or an empty one, the greeting); null for the usual one.</summary>
    public Func<string, string?> Reply { get; set; } = _ => null;

    /// <summary>Instead of an answer the connection is closed.</summary>
    public Predicate<string> Drops { get; set; } = _ => false;

    /// <summary>Closed after so many octets of a message; null: never.</summary>
    public int? DropsAmidMessage { get; set; }

    /// <summary>Nothing is answered.</summary>
    public Predicate<string> IsSilent { get; set; } = _ => false;

    /// <summary>With which STARTTLS is offered; null: it is not.</summary>
    public X509Certificate2? Certificate { get; set; }

    /// <summary>STARTTLS is answered, and no handshake follows.</summary>
    public bool BreaksHandshakes { get; set; }

    public bool IsImplicitTls { get; set; }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _accepting;
        foreach (var client in _clients)
        {
            client.Dispose();
        }

        await Task.WhenAll(_connections);
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stopping.Token);
                Interlocked.Increment(ref _accepted);
                client.NoDelay = true;
                _clients.Add(client);
                _connections.Add(Task.Run(() => ServeAsync(client)));
            }
        }
        catch (Exception stopped) when (stopped is OperationCanceledException or SocketException or InvalidOperationException)
        {
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        try
        {
            using (client)
            {
                Stream stream = client.GetStream();
                var isSecure = IsImplicitTls;
                if (IsImplicitTls)
                {
                    stream = await SecureAsync(stream);
                }

                while (stream is not null)
                {
                    stream = (await ServeAsync(stream, isSecure))!;
                    isSecure = true;
                }
            }
        }
        catch (Exception gone) when (gone is IOException or SocketException or ObjectDisposedException or OperationCanceledException or System.Security.Authentication.AuthenticationException)
        {
        }
    }

    /// <returns>The secured stream after STARTTLS; null when the connection is over.</returns>
    private async Task<Stream?> ServeAsync(Stream stream, bool isSecure)
    {
        var reader = new StreamReader(stream, Encoding.UTF8, leaveOpen: true);
        if (!isSecure || IsImplicitTls)
        {
            await AnswerAsync(stream, "", "220 sink.test ready");
        }

        var (from, recipients) = ("", new List<string>());
        while (await reader.ReadLineAsync(_stopping.Token) is { } line)
        {
            Commands.Enqueue(line);
            var verb = line.Split(' ', ':')[0].ToUpperInvariant();
            if (Drops(line))
            {
                return null;
            }

            switch (verb)
            {
                case "EHLO":
                    string[] offered = [.. Extensions, .. Certificate is not null && !isSecure ? ["STARTTLS"] : Array.Empty<string>()];
                    await AnswerAsync(stream, line, "250-sink.test\r\n" + string.Concat(offered.SkipLast(1).Select(word => $"250-{word}\r\n")) + $"250 {offered.LastOrDefault() ?? "HELP"}");
                    break;
                case "STARTTLS":
                    await AnswerAsync(stream, line, "220 go on");
                    return BreaksHandshakes ? null : await SecureAsync(stream);
                case "MAIL":
                    (from, recipients) = (line, []);
                    await AnswerAsync(stream, line, "250 2.1.0 ok");
                    break;
                case "RCPT":
                    if (!(await AnswerAsync(stream, line, "250 2.1.5 ok")).StartsWith('2'))
                    {
                        break;
                    }

                    recipients.Add(line);
                    break;
                case "DATA":
                    if ((await AnswerAsync(stream, line, recipients.Count > 0 ? "354 go on" : "554 5.5.1 no recipients")).StartsWith('3'))
                    {
                        var text = await ReadMessageAsync(reader);
                        Commands.Enqueue(".");
                        if (text is null || Drops("."))
                        {
                            return null;
                        }

                        var reply = Reply(".") ?? "250 2.0.0 taken";
                        if (reply.StartsWith('2'))
                        {
                            Messages.Enqueue(new Received(from, recipients, text, isSecure));
                        }

                        await AnswerAsync(stream, ".", "250 2.0.0 taken", reply);
                    }

                    break;
                case "QUIT":
                    await AnswerAsync(stream, line, "221 bye");
                    return null;
                default:
                    await AnswerAsync(stream, line, verb == "AUTH" ? "235 2.7.0 welcome" : "250 ok");
                    break;
            }
        }

        return null;
    }

    private async Task<string> AnswerAsync(Stream stream, string command, string usual, string? decided = null)
    {
        var reply = decided ?? Reply(command) ?? usual;
        if (!IsSilent(command))
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(reply + "\r\n"), _stopping.Token);
        }

        return reply;
    }

    private async Task<string?> ReadMessageAsync(StreamReader reader)
    {
        var text = new StringBuilder();
        while (await reader.ReadLineAsync(_stopping.Token) is { } line)
        {
            if (line == ".")
            {
                return text.ToString();
            }

            text.Append(line.StartsWith('.') ? line[1..] : line).Append("\r\n");
            if (text.Length > DropsAmidMessage)
            {
                return null;
            }
        }

        return null;
    }

    private async Task<Stream> SecureAsync(Stream stream)
    {
        var secured = new SslStream(stream);
        await secured.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = Certificate }, _stopping.Token);
        return secured;
    }

    /// <param name="From">The whole MAIL command.</param>
    /// <param name="Recipients">The whole RCPT commands.</param>
    internal sealed record Received(string From, IReadOnlyList<string> Recipients, string Text, bool IsSecure);
}
