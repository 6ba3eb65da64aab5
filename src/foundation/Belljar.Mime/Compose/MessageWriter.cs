using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Belljar.Mime.Headers;
using Belljar.Mime.Text;

namespace Belljar.Mime.Compose;

/// <summary>Writes one message: header, then parts.</summary>
internal sealed class MessageWriter(OutgoingMessage message)
{
    private static readonly string[] Reserved =
        ["From", "Sender", "Reply-To", "To", "Cc", "Bcc", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "MIME-Version"];

    private readonly ArrayBufferWriter<byte> _output = new();
    private int _boundaries;

    public byte[] Write()
    {
        var fields = new FieldWriter(_output, message.NeedsSmtpUtf8);
        if (message.From.Count == 0)
        {
            throw new ArgumentException("A message has an author.", nameof(message));
        }

        // The order of RFC 5322's own examples; trace fields come in front of it later.
        fields.Structured("Date", message.Date.ToString("ddd, d MMM yyyy HH:mm:ss ", CultureInfo.InvariantCulture) + Offset(message.Date.Offset));
        fields.Addresses("From", message.From);
        fields.Addresses("Sender", message.Sender is null ? [] : [message.Sender]);
        fields.Addresses("Reply-To", message.ReplyTo);
        fields.Addresses("To", message.To);
        fields.Addresses("Cc", message.Cc);
        fields.Structured("Message-ID", Id(message.MessageId));
        WriteIds(fields, "In-Reply-To", message.InReplyTo);
        WriteIds(fields, "References", message.References);
        fields.Text("Subject", message.Subject);
        foreach (var (name, value) in message.Fields)
        {
            fields.Text(Checked(name), value);
        }

        fields.Structured("MIME-Version", "1.0");
        WritePart(message.Body, _output);
        if (!_output.WrittenSpan.EndsWith("\r\n"u8))
        {
            // A message is made of lines (RFC 5322, 2.1).
            _output.Write("\r\n"u8);
        }

        return _output.WrittenSpan.ToArray();
    }

    private static void WriteIds(FieldWriter fields, string name, IReadOnlyList<string> ids)
    {
        if (ids.Count > 0)
        {
            fields.Structured(name, ids.Select(Id));
        }
    }

    private static string Id(string id) =>
        id.Length is > 0 and <= 900 && !id.AsSpan().ContainsAnyExceptInRange('!', '~') && !id.AsSpan().ContainsAny('<', '>')
            ? $"<{id}>"
            : throw new ArgumentException("A message id is printable ASCII without spaces and angle brackets.", nameof(id));

    private static string Checked(string name) =>
        name.Length is > 0 and <= 76 && !name.AsSpan().ContainsAnyExceptInRange('!', '~') && !name.Contains(':', StringComparison.Ordinal)
        && !Reserved.Contains(name, StringComparer.OrdinalIgnoreCase) && !name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase)
            ? name
            : throw new ArgumentException("A further field has a name of its own, in printable ASCII.", nameof(name));

    private static string Offset(TimeSpan offset) =>
        string.Create(CultureInfo.InvariantCulture, $"{(offset < TimeSpan.Zero ? '-' : '+')}{Math.Abs(offset.Hours):00}{Math.Abs(offset.Minutes):00}");

    private void WritePart(OutgoingPart part, ArrayBufferWriter<byte> output)
    {
        var fields = new FieldWriter(output, isUtf8: false);
        switch (part)
        {
            case OutgoingText text:
                WriteText(text, fields, output);
                break;
            case OutgoingFile file:
                WriteFile(file, fields, output);
                break;
            case OutgoingMultipart multipart:
                WriteMultipart(multipart, fields, output);
                break;
            default:
                throw new InvalidOperationException("There are three kinds of part.");
        }
    }

    private static void WriteText(OutgoingText text, FieldWriter fields, ArrayBufferWriter<byte> output)
    {
        var bytes = Encoding.UTF8.GetBytes(LineEnds.ToCrLf(text.Text));
        var encoding = BodyEncoding.For(bytes);
        fields.Structured("Content-Type", ParameterWriter.Words("text/" + Token(text.Subtype), KeyValuePair.Create("charset", Ascii.IsValid(bytes) ? "us-ascii" : "utf-8")));
        fields.Structured("Content-Transfer-Encoding", encoding.Name);
        fields.EmptyLine();
        encoding.Write(bytes, output);
    }

    private static void WriteFile(OutgoingFile file, FieldWriter fields, ArrayBufferWriter<byte> output)
    {
        var isMessage = file.MediaType.StartsWith("message/", StringComparison.Ordinal);
        var encoding = isMessage ? BodyEncoding.AsItIs(file.Content.Span) : BodyEncoding.Base64;
        var slash = file.MediaType.IndexOf('/', StringComparison.Ordinal);
        fields.Structured("Content-Type", $"{Token(file.MediaType[..Math.Max(slash, 0)])}/{Token(file.MediaType[(slash + 1)..])}");
        fields.Structured("Content-Transfer-Encoding", encoding.Name);
        if (file.ContentId is { } id)
        {
            fields.Structured("Content-ID", Id(id));
        }

        KeyValuePair<string, string>[] name = file.FileName.Length == 0 ? [] : [KeyValuePair.Create("filename", file.FileName)];
        fields.Structured("Content-Disposition", ParameterWriter.Words(file.ContentId is null && !(isMessage && name.Length == 0) ? "attachment" : "inline", name));
        fields.EmptyLine();
        encoding.Write(file.Content.Span, output);
    }

    private void WriteMultipart(OutgoingMultipart multipart, FieldWriter fields, ArrayBufferWriter<byte> output)
    {
        if (multipart.Parts.Count == 0)
        {
            throw new ArgumentException("A multipart has a part.", nameof(multipart));
        }

        var parts = multipart.Parts.Select(part =>
        {
            var written = new ArrayBufferWriter<byte>();
            WritePart(part, written);
            return written;
        }).ToList();
        var boundary = Boundary(parts);
        fields.Structured("Content-Type", ParameterWriter.Words("multipart/" + Token(multipart.Subtype), [.. multipart.Parameters, KeyValuePair.Create("boundary", boundary)]));
        fields.EmptyLine();
        var delimiter = Encoding.ASCII.GetBytes($"--{boundary}\r\n");
        foreach (var part in parts)
        {
            output.Write(delimiter);
            output.Write(part.WrittenSpan);
            output.Write("\r\n"u8);
        }

        output.Write(Encoding.ASCII.GetBytes($"--{boundary}--\r\n"));
    }

    /// <summary>From the seed, and never one that stands in the parts: a text cannot end its own part, whatever it knows.</summary>
    private string Boundary(List<ArrayBufferWriter<byte>> parts)
    {
        while (true)
        {
            var seed = $"{message.BoundarySeed ?? message.MessageId}\n{_boundaries++}";
            var boundary = "=_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(seed)).AsSpan(0, 16));
            var bytes = Encoding.ASCII.GetBytes("--" + boundary);
            if (!parts.Exists(part => part.WrittenSpan.IndexOf(bytes) >= 0))
            {
                return boundary;
            }
        }
    }

    private static string Token(string text) =>
        ContentType.IsToken(text) ? text : throw new ArgumentException("A media type is two tokens.", nameof(text));
}
