namespace Belljar.Decoys.Smtp;

/// <summary>Command lines as Postfix reads them: leniently.</summary>
internal static class SmtpWords
{
    /// <summary>What is no SMTP at all ends the conversation: requests to a web server, header fields, bytes of other protocols.</summary>
    public static bool IsNoSmtp(string verb) =>
        verb is "CONNECT" or "GET" or "POST" or "USER:" || (verb.Length > 0 && (verb[^1] == ':' || verb[0] is < ' ' or > '~'));

    /// <param name="verb">In capitals.</param>
    public static (string Verb, string Argument) Split(string line)
    {
        var trimmed = line.Trim(' ', '\t');
        var space = trimmed.IndexOfAny([' ', '\t']);
        return space < 0 ? (trimmed.ToUpperInvariant(), "") : (trimmed[..space].ToUpperInvariant(), trimmed[(space + 1)..].Trim(' ', '\t'));
    }

    /// <summary><c>FROM:&lt;a@b&gt; SIZE=1</c>; the brackets may be missing.</summary>
    /// <param name="prefix">In capitals, with its colon.</param>
    /// <param name="path">Without brackets and route; null when it is malformed.</param>
    /// <returns>False when it is no such thing.</returns>
    public static bool TryPath(string argument, string prefix, out string? path, out IReadOnlyList<string> parameters)
    {
        (path, parameters) = (null, []);
        if (!argument.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var rest = argument[prefix.Length..].TrimStart();
        if (rest.Length == 0)
        {
            return false;
        }

        if (rest[0] == '<' && rest.IndexOf('>') is var close && close < 0)
        {
            return true;
        }

        var end = rest[0] == '<' ? rest.IndexOf('>') + 1 : rest.IndexOf(' ') is > 0 and var space ? space : rest.Length;
        var words = rest[end..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        parameters = words;
        path = Address(rest[..end].Trim('<', '>'));
        return true;
    }

    /// <returns>Null when it cannot be one.</returns>
    private static string? Address(string text)
    {
        if (text.StartsWith('@') && text.IndexOf(':') is > 0 and var colon)
        {
            text = text[(colon + 1)..];
        }

        text = text.Replace("\"", "", StringComparison.Ordinal);
        var at = text.LastIndexOf('@');
        var domain = at < 0 ? "" : text[(at + 1)..];
        return at == 0 || (at > 0 && (domain.Length == 0 || domain.Split('.').Any(label => label.Length == 0 || label[0] == '-' || label[^1] == '-'))) ? null : text;
    }
}
