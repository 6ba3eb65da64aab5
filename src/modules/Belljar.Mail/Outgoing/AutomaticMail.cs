using Belljar.Mime.Headers;

namespace Belljar.Mail.Outgoing;

/// <summary>Mail that no person wrote is not answered by a program: two of them would never end (RFC 3834).</summary>
public static class AutomaticMail
{
    private static readonly string[] ListFields = ["List-Id", "List-Post", "List-Unsubscribe", "List-Help"];

    /// <param name="envelopeFrom">The reverse-path; empty for the null sender.</param>
    public static bool IsAutomatic(HeaderFields fields, string envelopeFrom) =>
        envelopeFrom.Length == 0 || IsAutoSubmitted(fields) || Array.Exists(ListFields, name => fields[name] is not null)
        || fields["Precedence"]?.Text.ToLowerInvariant() is "bulk" or "junk" or "list";

    /// <summary>Auto-Submitted with any word but <c>no</c> (RFC 3834, 5).</summary>
    public static bool IsAutoSubmitted(HeaderFields fields) =>
        fields["Auto-Submitted"]?.Text is { Length: > 0 } word && !word.Split(';', ' ')[0].Equals("no", StringComparison.OrdinalIgnoreCase);

    /// <summary>Of a stored message's frontmatter, where the header is not at hand.</summary>
    public static bool IsAutomatic(string? autoSubmitted, string? listId, string? envelopeFrom) =>
        (!string.IsNullOrEmpty(autoSubmitted) && !autoSubmitted.StartsWith("no", StringComparison.OrdinalIgnoreCase))
        || !string.IsNullOrEmpty(listId) || string.IsNullOrEmpty(envelopeFrom);
}
