namespace Belljar.Mime.Headers;

/// <summary>RFC 2183: <c>inline</c> or <c>attachment</c>, in lower case, and parameters.</summary>
public sealed record ContentDisposition(string Kind, MimeParameters Parameters)
{
    /// <summary>Whatever is not inline counts as an attachment (RFC 2183, 2.8).</summary>
    public bool IsAttachment => Kind is not ("inline" or "");

    /// <summary>As the sender wrote it, decoded: not safe as the name of a file. Null where there is none.</summary>
    public string? FileName => Parameters["filename"] is { Length: > 0 } name ? name : null;

    internal static ContentDisposition Read(ReadOnlySpan<byte> value)
    {
        var (head, parameters) = ParameterParser.Parse(value);
        return new ContentDisposition(head.ToLowerInvariant(), parameters);
    }
}
