using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Belljar.Hosting;
using Belljar.Mail.Outgoing.Composing;
using Belljar.Protocols.Aimx;

namespace Belljar.Mail.LocalSocket;

/// <summary>Asks the daemon over <c>mail.sock</c>. It needs no configuration and no key: the daemon knows who asks.</summary>
/// <param name="path">The socket's path.</param>
public sealed class MailSocketClient(string path)
{
    private const int LongestAnswer = 64 * 1024 * 1024;

    /// <summary>SEND: composes the draft and hands it in.</summary>
    /// <param name="wait">Answer after the first attempt to deliver.</param>
    /// <param name="idempotencyKey">The same draft with the same key within a day is sent once; null: each is another message.</param>
    /// <exception cref="ArgumentException">An address or an id of the draft is not what it must be.</exception>
    /// <exception cref="OperatorException">As <see cref="AskAsync"/>.</exception>
    public Task<AimxAnswer> SendAsync(MailDraft draft, bool wait, string? idempotencyKey, TimeProvider clock, CancellationToken ct)
    {
        var message = idempotencyKey is null ? draft.ToBytes(clock) : draft.ToRepeatableBytes();

        // What is composed already has its HTML: the daemon adds nothing to the body.
        List<(AimxField, string)> fields = [Length(message), (AimxField.TextOnly, "true"), (AimxField.Wait, Word(wait))];
        if (idempotencyKey is not null)
        {
            fields.Add((AimxField.IdempotencyKey, idempotencyKey));
        }

        return AskAsync(AimxVerb.Send, fields, message, ct);
    }

    /// <summary>MAILBOX-CREATE.</summary>
    /// <param name="owner">A user of this machine; null for whoever asks.</param>
    /// <exception cref="OperatorException">As <see cref="AskAsync"/>.</exception>
    public Task<AimxAnswer> CreateMailboxAsync(string name, string? owner, CancellationToken ct)
        => AskAsync(AimxVerb.MailboxCreate, owner is null ? [(AimxField.Name, name)] : [(AimxField.Name, name), (AimxField.Owner, owner)], default, ct);

    /// <summary>MAILBOX-DELETE.</summary>
    /// <param name="force">With the messages that are in it.</param>
    /// <exception cref="OperatorException">As <see cref="AskAsync"/>.</exception>
    public Task<AimxAnswer> DeleteMailboxAsync(string name, bool force, CancellationToken ct)
        => AskAsync(AimxVerb.MailboxDelete, [(AimxField.Name, name), (AimxField.Force, Word(force))], default, ct);

    /// <summary>HOOK-CREATE.</summary>
    /// <param name="when"><c>on_receive</c> or <c>after_send</c>.</param>
    /// <param name="name">Null: the daemon gives it one.</param>
    /// <param name="json">What it does, as JSON: <c>{"run":["/usr/bin/notify"],"timeout":60}</c>, seconds.</param>
    /// <exception cref="OperatorException">As <see cref="AskAsync"/>.</exception>
    public Task<AimxAnswer> CreateHookAsync(string mailbox, string when, string? name, ReadOnlyMemory<byte> json, CancellationToken ct)
    {
        List<(AimxField, string)> fields = [Length(json), (AimxField.Mailbox, mailbox), (AimxField.Event, when)];
        if (name is not null)
        {
            fields.Add((AimxField.Name, name));
        }

        return AskAsync(AimxVerb.HookCreate, fields, json, ct);
    }

    /// <summary>HOOK-DELETE.</summary>
    /// <exception cref="OperatorException">As <see cref="AskAsync"/>.</exception>
    public Task<AimxAnswer> DeleteHookAsync(string mailbox, string name, CancellationToken ct)
        => AskAsync(AimxVerb.HookDelete, [(AimxField.Mailbox, mailbox), (AimxField.Name, name)], default, ct);

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

    private static (AimxField Field, string Value) Length(ReadOnlyMemory<byte> body) => (AimxField.ContentLength, body.Length.ToString(CultureInfo.InvariantCulture));

    private static string Word(bool flag) => flag ? "true" : "false";

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
