using System.Text;
using Belljar.Mail.Authentication.Dkim;
using Belljar.Mail.Authentication.Dmarc;
using Belljar.Mail.Authentication.Spf;

namespace Belljar.Mail.Authentication;

/// <summary>
/// Writes Authentication-Results (RFC 8601, 2.2), a result a line. Whatever came from the peer is written as a token or a
/// quoted string of visible ASCII and cut at a length: it can end neither the string nor the field.
/// </summary>
internal static class AuthenticationResultsField
{
    private const int LongestValue = 200;

    public static string Write(AuthenticationResults results, string authservId)
    {
        var text = new StringBuilder("Authentication-Results: ").Append(Value(authservId));
        if (results.Login is { } login)
        {
            Result(text, "auth", "pass", "");
            Property(text, "smtp.auth", login);
        }

        var spf = results.Spf;
        Result(text, "spf", Word(spf.Verdict), spf.Reason);
        Property(text, spf.IsHelo ? "smtp.helo" : "smtp.mailfrom", spf.Domain);
        foreach (var dkim in results.Dkim)
        {
            Result(text, "dkim", Word(dkim.Verdict), dkim.IsTesting ? $"{dkim.Reason}; the key is in testing" : dkim.Reason);
            Property(text, "header.d", dkim.Domain);
            Property(text, "header.i", dkim.Identity);
            Property(text, "header.s", dkim.Selector);
            Property(text, "header.a", dkim.Algorithm);
            Property(text, "header.b", dkim.Signature);
        }

        var dmarc = results.Dmarc;
        Result(text, "dmarc", Word(dmarc.Verdict), dmarc.Reason);
        Property(text, "policy.dmarc", dmarc.Policy is { } policy ? Word(policy) : "");
        Property(text, "header.from", dmarc.Domain);
        return text.Append("\r\n").ToString();
    }

    public static string Word(Enum value) => value.ToString().ToLowerInvariant();

    private static void Result(StringBuilder text, string method, string verdict, string reason)
    {
        text.Append(";\r\n\t").Append(method).Append('=').Append(verdict);
        if (reason.Length > 0)
        {
            text.Append(" reason=").Append(Quoted(reason));
        }
    }

    private static void Property(StringBuilder text, string name, string value)
    {
        if (value.Length > 0)
        {
            text.Append("\r\n\t\t").Append(name).Append('=').Append(Value(value));
        }
    }

    /// <summary>RFC 8601, 2.2: pvalue = value / [[local-part] "@"] domain-name; value is a token or a quoted string (RFC 2045).</summary>
    private static string Value(string value) =>
        value.Length is > 0 and <= LongestValue && value.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or '@' or '+') ? value : Quoted(value);

    private static string Quoted(string value)
    {
        var text = new StringBuilder("\"");
        foreach (var c in value.AsSpan(0, Math.Min(value.Length, LongestValue)))
        {
            text.Append(c is '"' or '\\' ? $"\\{c}" : c is >= ' ' and <= '~' ? c.ToString() : "?");
        }

        return text.Append('"').ToString();
    }
}
