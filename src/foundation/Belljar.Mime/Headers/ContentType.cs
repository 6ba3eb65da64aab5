using System.Buffers;
using System.Text;

namespace Belljar.Mime.Headers;

/// <summary>RFC 2045, 5: <c>type/subtype; parameters</c>. Type and subtype are lower case.</summary>
public sealed record ContentType(string Type, string Subtype, MimeParameters Parameters)
{
    private static readonly SearchValues<char> TokenSpecials = SearchValues.Create("()<>@,;:\\\"/[]?=");

    /// <summary>RFC 2045, 5.2: what a part without the field is.</summary>
    public static ContentType Default { get; } = new("text", "plain", MimeParameters.None);

    /// <summary>RFC 2046, 5.1.5: what a part without the field is inside a multipart/digest.</summary>
    public static ContentType DigestDefault { get; } = new("message", "rfc822", MimeParameters.None);

    /// <summary><c>type/subtype</c>.</summary>
    public string MediaType => $"{Type}/{Subtype}";

    /// <summary>The declared charset; null where there is none.</summary>
    public string? Charset => Parameters["charset"] is { Length: > 0 } charset ? charset : null;

    /// <summary>Both names are there and are tokens.</summary>
    public bool IsValid => IsToken(Type) && IsToken(Subtype);

    internal bool IsFlowed => MediaType == "text/plain" && "flowed".Equals(Parameters["format"], StringComparison.OrdinalIgnoreCase);

    internal bool IsDelSp => "yes".Equals(Parameters["delsp"], StringComparison.OrdinalIgnoreCase);

    /// <summary>The boundary's bytes, without the white space at its end that it may not have; null where there is none.</summary>
    internal byte[]? Boundary => Parameters["boundary"] is { } boundary ? Encoding.UTF8.GetBytes(boundary.TrimEnd(' ', '\t')) : null;

    public override string ToString() => MediaType;

    internal static ContentType Read(ReadOnlySpan<byte> value)
    {
        var (head, parameters) = ParameterParser.Parse(value);
        var slash = head.IndexOf('/', StringComparison.Ordinal);
        return slash < 0
            ? new ContentType(head.ToLowerInvariant(), "", parameters)
            : new ContentType(head[..slash].ToLowerInvariant(), head[(slash + 1)..].ToLowerInvariant(), parameters);
    }

    /// <summary>RFC 2045, 5.1.</summary>
    internal static bool IsToken(string text) =>
        text.Length > 0 && !text.AsSpan().ContainsAnyExceptInRange('!', '~') && !text.AsSpan().ContainsAny(TokenSpecials);
}
