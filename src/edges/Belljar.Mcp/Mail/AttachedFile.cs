using System.Diagnostics.CodeAnalysis;
using System.Text;
using Belljar.Mcp.Tools;
using Belljar.Mime.Compose;

namespace Belljar.Mcp.Mail;

/// <summary>
/// A file to send along. Its content comes with the call: a path would let whoever talks an agent into sending read what the
/// agent's own client would not have shown it.
/// </summary>
internal static class AttachedFile
{
    private const int LargestBase64 = 24 * 1024 * 1024;

    public static ToolParameter Parameter { get; } = new("attachments", ToolType.Objects, "files to send along, each with its content as text or as base64", Most: 50)
    {
        Items =
        [
            new("name", ToolType.Text, "the file's name", Required: true, Most: 200),
            new("content_type", ToolType.Text, "such as image/png; text/plain or application/octet-stream when left out", Most: 100),
            new("text", ToolType.Lines, "the content, when it is text", Most: LargestBase64),
            new("base64", ToolType.Lines, "the content, when it is not", Most: LargestBase64),
        ],
    };

    /// <param name="mistake">Null when it is a file.</param>
    public static bool TryRead(ToolArguments given, [NotNullWhen(true)] out OutgoingFile? file, [NotNullWhen(false)] out string? mistake)
    {
        var (name, text, base64) = (given.Text("name"), given.OptionalText("text"), given.OptionalText("base64"));
        var type = given.OptionalText("content_type") ?? (text is null ? "application/octet-stream" : "text/plain");
        var bytes = text is not null ? Encoding.UTF8.GetBytes(text) : Decode(base64 ?? "");
        mistake = name.Length == 0 ? "an attachment needs a name"
            : text is null == base64 is null ? $"the attachment '{name}' needs either text or base64"
            : bytes is null ? $"what the attachment '{name}' has as base64 is none"
            : !IsMediaType(type) ? $"'{type}' is no content type such as image/png"
            : null;
        file = mistake is null ? new OutgoingFile(name, type, bytes) : null;
        return file is not null;
    }

    private static byte[]? Decode(string base64)
    {
        var bytes = new byte[(base64.Length / 4 * 3) + 3];
        return Convert.TryFromBase64String(base64, bytes, out var length) ? bytes[..length] : null;
    }

    /// <summary>RFC 2045 §5.1; a message or a multipart would be read as more than a file.</summary>
    private static bool IsMediaType(string type)
        => type.Split('/') is [{ Length: > 0 } kind, { Length: > 0 } subtype] && (kind + subtype).All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '+' or '-' or '_')
            && !kind.Equals("multipart", StringComparison.OrdinalIgnoreCase) && !kind.Equals("message", StringComparison.OrdinalIgnoreCase);
}
