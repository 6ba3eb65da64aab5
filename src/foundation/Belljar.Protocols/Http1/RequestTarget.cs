using System.Text;

namespace Belljar.Protocols.Http1;

/// <summary>RFC 9112 §3.2: the four forms of a request target.</summary>
public enum TargetForm
{
    Origin,
    Absolute,
    Authority,
    Asterisk,
}

/// <param name="Scheme"><c>http</c> or <c>https</c> in absolute form, else null.</param>
/// <param name="Authority">Set in absolute and authority form.</param>
/// <param name="PathAndQuery">As sent; <c>/</c> where an absolute form has no path; empty in authority form.</param>
public readonly record struct RequestTarget(TargetForm Form, string? Scheme, Authority Authority, string PathAndQuery)
{
    internal static Http1Refusal Parse(ReadOnlySpan<byte> text, bool isConnect, bool isOptions, out RequestTarget target)
    {
        target = default;
        if (text.IsEmpty || text.ContainsAnyExcept(Octets.Target))
        {
            return text.Contains((byte)'#') ? Http1Refusal.TargetFragment : Http1Refusal.TargetMalformed;
        }

        if (isConnect)
        {
            return ParseAuthority(text, out target);
        }

        if (text[0] == (byte)'/')
        {
            target = new RequestTarget(TargetForm.Origin, null, default, Encoding.ASCII.GetString(text));
            return Http1Refusal.None;
        }

        if (text is [(byte)'*'])
        {
            target = new RequestTarget(TargetForm.Asterisk, null, default, "*");
            return isOptions ? Http1Refusal.None : Http1Refusal.TargetFormWrong;
        }

        return ParseAbsolute(text, out target);
    }

    private static Http1Refusal ParseAuthority(ReadOnlySpan<byte> text, out RequestTarget target)
    {
        target = default;
        if (text.Contains((byte)'@'))
        {
            return Http1Refusal.TargetUserInfo;
        }

        if (text.Contains((byte)'/'))
        {
            return Http1Refusal.TargetFormWrong;
        }

        if (!Authority.TryParse(text, out var authority) || authority.Port is null)
        {
            return Http1Refusal.AuthorityMalformed;
        }

        target = new RequestTarget(TargetForm.Authority, null, authority, "");
        return Http1Refusal.None;
    }

    private static Http1Refusal ParseAbsolute(ReadOnlySpan<byte> text, out RequestTarget target)
    {
        target = default;
        var colon = text.IndexOf("://"u8);
        if (colon < 1)
        {
            return Http1Refusal.TargetFormWrong;
        }

        var scheme = Ascii.EqualsIgnoreCase(text[..colon], "http"u8) ? "http"
            : Ascii.EqualsIgnoreCase(text[..colon], "https"u8) ? "https" : null;
        if (scheme is null)
        {
            return Http1Refusal.TargetScheme;
        }

        var rest = text[(colon + 3)..];
        var end = rest.IndexOfAny((byte)'/', (byte)'?');
        end = end < 0 ? rest.Length : end;
        if (rest[..end].Contains((byte)'@'))
        {
            return Http1Refusal.TargetUserInfo;
        }

        if (!Authority.TryParse(rest[..end], out var authority))
        {
            return Http1Refusal.AuthorityMalformed;
        }

        var path = Encoding.ASCII.GetString(rest[end..]);
        target = new RequestTarget(TargetForm.Absolute, scheme, authority, path.StartsWith('/') ? path : "/" + path);
        return Http1Refusal.None;
    }
}
