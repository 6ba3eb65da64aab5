using System.Security.Cryptography;
using System.Text;
using Belljar.Mail.Authentication;
using Belljar.Toml;

namespace Belljar.Mail.Storage;

/// <summary>Writes a message's Markdown file: <c>+++</c>, TOML, <c>+++</c>, an empty line, the body.</summary>
internal static class MessageFile
{
    public const string Delimiter = "+++";

    /// <summary>The TOML writer keeps every string on one line, so nothing in it can be the delimiter on a line of its own.</summary>
    public static byte[] Head(TomlTable frontmatter) => Encoding.UTF8.GetBytes($"{Delimiter}\n{TomlWriter.Write(frontmatter)}{Delimiter}\n\n");

    public static byte[] Body(string text)
    {
        var ended = text.EndsWith('\n');
        var bytes = new byte[Encoding.UTF8.GetByteCount(text) + (ended ? 0 : 1)];
        Encoding.UTF8.GetBytes(text, bytes);
        bytes[^1] = (byte)'\n';
        return bytes;
    }

    /// <summary>The whole file.</summary>
    public static byte[] Compose(TomlTable frontmatter, string body) => [.. Head(frontmatter), .. Body(body)];

    /// <summary>The fields in the order in which the format has them; what is empty is left out.</summary>
    public static TomlTable Frontmatter(
        string id, ReceivedMessage received, MessageContent content, Delivery delivery, string trusted, IReadOnlyList<StoredAttachment> attachments)
    {
        var fields = new TomlTable();
        AddText(fields, "id", id);
        AddText(fields, "message_id", content.MessageId);
        AddText(fields, "thread_id", ThreadId(content, received.Raw));
        AddText(fields, "from", content.From);
        AddText(fields, "to", content.To);
        AddText(fields, "cc", content.Cc);
        AddText(fields, "reply_to", content.ReplyTo);
        AddText(fields, "delivered_to", string.Join(", ", delivery.DeliveredTo));
        AddText(fields, "envelope_from", received.EnvelopeFrom);
        AddText(fields, "subject", content.Subject);
        if (content.Date is { } date)
        {
            fields.Add("date", date);
        }

        fields.Add("received_at", WholeMilliseconds(received.ReceivedAt));
        AddText(fields, "received_from_ip", received.IsImported ? null : received.Remote.ToString());
        fields.Add("size_bytes", received.Raw.Length);
        AddText(fields, "in_reply_to", First(content.InReplyTo));
        AddList(fields, "references", content.References);
        AddText(fields, "list_id", content.ListId);
        AddText(fields, "auto_submitted", content.AutoSubmitted);
        if (received.Results is { } results)
        {
            AddText(fields, "dkim", AuthenticationResultsField.Word(results.DkimVerdict));
            AddText(fields, "spf", AuthenticationResultsField.Word(results.Spf.Verdict));
            AddText(fields, "dmarc", AuthenticationResultsField.Word(results.Dmarc.Verdict));
        }

        AddText(fields, "trusted", trusted);
        AddText(fields, "mailbox", delivery.Mailbox.Name);
        fields.Add("read", received.IsRead);
        AddList(fields, "labels", received.Labels);
        AddList(fields, "defects", content.Defects);
        if (attachments.Count > 0)
        {
            fields.Add("attachments", new TomlArray(attachments.Select(Describe)));
        }

        return fields;
    }

    /// <summary>The thread's root is the first reference; a message that refers to nothing begins its own.</summary>
    private static string ThreadId(MessageContent content, ReadOnlyMemory<byte> raw)
    {
        var root = First(content.References) ?? First(content.InReplyTo) ?? content.MessageId;
        var hash = SHA256.HashData(root is null ? raw.Span : Encoding.UTF8.GetBytes(root));
        return Convert.ToHexStringLower(hash.AsSpan(0, 8));
    }

    private static string? First(IReadOnlyList<string> ids) => ids.Count > 0 ? ids[0] : null;

    private static TomlTable Describe(StoredAttachment attachment)
    {
        var table = new TomlTable();
        table.Add("filename", attachment.FileName);
        table.Add("content_type", attachment.ContentType);
        table.Add("size", attachment.Size);
        table.Add("path", attachment.FileName);
        return table;
    }

    private static DateTimeOffset WholeMilliseconds(DateTimeOffset time) =>
        new(time.Ticks - (time.Ticks % TimeSpan.TicksPerMillisecond), time.Offset);

    private static void AddText(TomlTable fields, string key, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            fields.Add(key, value);
        }
    }

    private static void AddList(TomlTable fields, string key, IReadOnlyList<string> values)
    {
        if (values.Count > 0)
        {
            fields.Add(key, TomlArray.Of(values));
        }
    }
}

/// <param name="FileName">The file's name beside the message's own.</param>
/// <param name="Size">Bytes, decoded.</param>
internal sealed record StoredAttachment(string FileName, string ContentType, long Size);
