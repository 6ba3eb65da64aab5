using Belljar.Mail.Routing;

namespace Belljar.Mail.Authentication;

/// <summary>The frontmatter's <c>trusted</c> (spec: mail §4).</summary>
public static class TrustDecision
{
    public const string None = "none";
    public const string True = "true";
    public const string False = "false";

    /// <param name="trustedSenders">
    /// Globs over From's address: <c>*</c> is any run of characters, <c>?</c> any one, case does not matter. In a glob with an
    /// <c>@</c> neither crosses it, so <c>*@example.org</c> is exactly the addresses of that domain. No glob, nobody is trusted.
    /// </param>
    public static string Decide(TrustPolicy policy, IReadOnlyList<string> trustedSenders, AuthenticationResults results)
    {
        if (policy == TrustPolicy.None)
        {
            return None;
        }

        return results is { IsAligned: true, Author: { } author } && trustedSenders.Any(glob => Matches(glob, author.LocalPart, author.AsciiDomain)) ? True : False;
    }

    private static bool Matches(string glob, string localPart, string domain) => glob.LastIndexOf('@') is >= 0 and var at
        ? MatchesGlob(glob.AsSpan(0, at), localPart) && MatchesGlob(AddressPattern.Normal(glob[(at + 1)..]), domain)
        : MatchesGlob(glob, $"{localPart}@{domain}");

    /// <summary>Goes back to the last star only: never more than glob × text steps.</summary>
    private static bool MatchesGlob(ReadOnlySpan<char> glob, ReadOnlySpan<char> text)
    {
        var (g, t, star, from) = (0, 0, -1, 0);
        while (t < text.Length)
        {
            if (g < glob.Length && glob[g] == '*')
            {
                (star, from) = (g++, t);
            }
            else if (g < glob.Length && (glob[g] == '?' || char.ToLowerInvariant(glob[g]) == char.ToLowerInvariant(text[t])))
            {
                g++;
                t++;
            }
            else if (star >= 0)
            {
                (g, t) = (star + 1, ++from);
            }
            else
            {
                return false;
            }
        }

        return glob[g..].TrimStart('*').IsEmpty;
    }
}
