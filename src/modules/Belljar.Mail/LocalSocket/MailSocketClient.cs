using System.Net.Sockets;
using System.Text;
using Belljar.Hosting;
using Belljar.Protocols.Aimx;

namespace Belljar.Mail.LocalSocket;

/// <summary>Asks the daemon over <c>mail.sock</c>. It needs no configuration and no key: the daemon knows who asks.</summary>
/// <param name="path">The socket's path.</param>
public sealed class MailSocketClient(string path)
{
    private const int LongestAnswer = 64 * 1024 * 1024;

    /// <summary>Sends one request and reads the whole answer.</summary>
    /// <param name="fields">Values on one line; a line break in one is a mistake of the caller.</param>
    /// <param name="body">The message, and behind it the HTML of <c>Html-Body-Length</c>.</param>
    /// <exception cref="OperatorException">Nobody serves the socket, or what serves it does not speak AIMX/1; the message says what to do.</exception>
    public async Task<AimxAnswer> AskAsync(AimxVerb verb, IReadOnlyList<(AimxField Field, string Value)> fields, ReadOnlyMemory<byte> body, CancellationToken ct)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), ct);
            await SendAsync(socket, Head(verb, fields), ct);
            await SendAsync(socket, body, ct);
            socket.Shutdown(SocketShutdown.Send);
            return AimxAnswer.TryParse(await ReceiveAsync(socket, ct), verb, out var answer)
                ? answer
                : throw new OperatorException($"What answered on {path} does not speak AIMX/1, or stopped in the middle. Is it another version? Restart 'belljar up'.");
        }
        catch (SocketException gone)
        {
            throw new OperatorException(
                gone.SocketErrorCode is SocketError.AccessDenied
                    ? $"This user may not open {path}: its folder must let others pass."
                    : $"The mail server does not answer on {path}: start it with 'belljar up'.");
        }
    }

    private static byte[] Head(AimxVerb verb, IReadOnlyList<(AimxField Field, string Value)> fields)
    {
        var head = new StringBuilder($"AIMX/1 {verb.Word()}\n");
        foreach (var (field, value) in fields)
        {
            if (value.AsSpan().ContainsAny('\r', '\n', '\0'))
            {
                throw new OperatorException($"{field.Word()} must be one line.");
            }

            head.Append(field.Word()).Append(": ").Append(value).Append('\n');
        }

        return Encoding.UTF8.GetBytes(head.Append('\n').ToString());
    }

    private static async Task SendAsync(Socket socket, ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        for (var sent = 0; sent < bytes.Length;)
        {
            sent += await socket.SendAsync(bytes[sent..], ct);
        }
    }

    private static async Task<byte[]> ReceiveAsync(Socket socket, CancellationToken ct)
    {
        using var answer = new MemoryStream();
        var some = new byte[16 * 1024];
        for (int length; answer.Length < LongestAnswer && (length = await socket.ReceiveAsync(some, ct)) > 0;)
        {
            answer.Write(some, 0, length);
        }

        return answer.ToArray();
    }
}
