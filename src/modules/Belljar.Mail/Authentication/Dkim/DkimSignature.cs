using System.Globalization;
using System.Text;
using Belljar.Mime.Headers;
using Belljar.Protocols.Dns;

namespace Belljar.Mail.Authentication.Dkim;

internal enum DkimKeyType
{
    Rsa,
    Ed25519,
}

/// <summary>The tags of a DKIM-Signature field (RFC 6376, 3.5), understood.</summary>
internal sealed record DkimSignature
{
    /// <summary>Names in h=; a signature that wants more is not verified (each costs a look at every field).</summary>
    private const int MostNames = 256;

    private static readonly string[] Required = ["a", "b", "bh", "d", "h", "s"];

    public required string Domain { get; init; }

    public required string Selector { get; init; }

    public required string Identity { get; init; }

    public required string Algorithm { get; init; }

    public required DkimKeyType KeyType { get; init; }

    public required bool IsSha1 { get; init; }

    public required byte[] Value { get; init; }

    public required byte[] BodyHash { get; init; }

    public required IReadOnlyList<string> Names { get; init; }

    public required bool RelaxesHeader { get; init; }

    public required bool RelaxesBody { get; init; }

    public required long? BodyLength { get; init; }

    public required long? SignedAt { get; init; }

    public required long? ExpiresAt { get; init; }

    public required DnsName KeyName { get; init; }

    /// <returns>Null with the reason where it cannot be understood.</returns>
    public static DkimSignature? TryRead(TagList tags, bool acceptHistoric, out string reason)
    {
        reason = Mistake(tags, acceptHistoric) ?? "";
        if (reason.Length > 0)
        {
            return null;
        }

        var domain = new MailAddress(null, "@" + tags["d"]).AsciiDomain;
        var selector = tags["s"]!;
        var identity = DecodeQuotedPrintable(TagList.Compact(tags["i"] ?? "@" + domain));
        var canonicalisation = (tags["c"] ?? "simple/simple").Split('/');
        if (!domain.Contains('.') || !DnsName.TryParse($"{selector}._domainkey.{domain}", out var keyName))
        {
            reason = "d= and s= make no domain name";
        }
        else if (!DomainNames.IsSameOrBelow(new MailAddress(null, identity).AsciiDomain, domain))
        {
            reason = "i= is not below d=";
        }
        else if (canonicalisation.Length > 2 || canonicalisation.Any(word => word is not ("simple" or "relaxed")))
        {
            reason = "c= is not known";
        }
        else if (!TryBase64(tags["b"]!, out var value) || !TryBase64(tags["bh"]!, out var bodyHash))
        {
            reason = "b= or bh= is not base64";
        }
        else if (!TryNumber(tags["l"], out var length) || !TryNumber(tags["t"], out var signedAt) || !TryNumber(tags["x"], out var expiresAt))
        {
            reason = "l=, t= or x= is not a number";
        }
        else
        {
            return new DkimSignature
            {
                Domain = domain,
                Selector = selector,
                Identity = identity,
                Algorithm = tags["a"]!,
                KeyType = tags["a"] == "ed25519-sha256" ? DkimKeyType.Ed25519 : DkimKeyType.Rsa,
                IsSha1 = tags["a"] == "rsa-sha1",
                Value = value,
                BodyHash = bodyHash,
                Names = TagList.Items(tags["h"]!),
                RelaxesHeader = canonicalisation[0] == "relaxed",
                RelaxesBody = canonicalisation is [_, "relaxed"],
                BodyLength = length,
                SignedAt = signedAt,
                ExpiresAt = expiresAt,
                KeyName = keyName,
            };
        }

        return null;
    }

    public static bool TryBase64(string text, out byte[] bytes)
    {
        var compact = TagList.Compact(text);
        bytes = new byte[compact.Length / 4 * 3 + 3];
        if (!Convert.TryFromBase64String(compact, bytes, out var length) || length == 0)
        {
            return false;
        }

        Array.Resize(ref bytes, length);
        return true;
    }

    /// <summary>dkim-quoted-printable (2.11), of an address; what is no code stands for itself.</summary>
    private static string DecodeQuotedPrintable(string text)
    {
        if (!text.Contains('='))
        {
            return text;
        }

        var octets = new List<byte>();
        for (var at = 0; at < text.Length; at++)
        {
            var isCode = text[at] == '=' && at + 2 < text.Length && char.IsAsciiHexDigit(text[at + 1]) && char.IsAsciiHexDigit(text[at + 2]);
            octets.AddRange(isCode ? Convert.FromHexString(text.AsSpan(at + 1, 2)) : Encoding.UTF8.GetBytes(text, at, 1));
            at += isCode ? 2 : 0;
        }

        return Encoding.UTF8.GetString([.. octets]);
    }

    private static string? Mistake(TagList tags, bool acceptHistoric)
    {
        if (tags["v"] is not "1" && !(acceptHistoric && tags["v"] is null or "0.5"))
        {
            return "v= is not 1";
        }

        if (Array.Find(Required, name => tags[name] is not { Length: > 0 }) is { } missing)
        {
            return $"{missing}= is missing";
        }

        if (tags["a"] is not ("rsa-sha256" or "ed25519-sha256" or "rsa-sha1"))
        {
            return "a= is not known";
        }

        // dns/txt is the only one there is; the drafts called it dns.
        if (tags["q"] is { } methods && !TagList.Items(methods).Any(method => method == "dns/txt" || (acceptHistoric && method == "dns")))
        {
            return "q= is not known";
        }

        var names = TagList.Items(tags["h"]!);
        if (names.Count > MostNames)
        {
            return "h= names too many fields";
        }

        return names.Exists(name => name.Equals("From", StringComparison.OrdinalIgnoreCase)) ? null : "h= does not name From";
    }

    /// <summary>Up to 76 digits are allowed (3.5); what is more than a long holds is as good as for ever.</summary>
    private static bool TryNumber(string? text, out long? number)
    {
        number = null;
        if (text is null)
        {
            return true;
        }

        if (text.Length is 0 or > 76 || !text.All(char.IsAsciiDigit))
        {
            return false;
        }

        number = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : long.MaxValue;
        return true;
    }
}
