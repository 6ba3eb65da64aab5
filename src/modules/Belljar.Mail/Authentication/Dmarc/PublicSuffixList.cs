using System.Collections.Frozen;
using System.Globalization;

namespace Belljar.Mail.Authentication.Dmarc;

/// <summary>
/// Where domains are registered (publicsuffix.org), to find an organisation's domain. Data, not code: read from the system's
/// package or a configured file; without one, a short list of our own with the suffixes of two labels that are most in use.
/// </summary>
public sealed class PublicSuffixList
{
    public const string SystemPath = "/usr/share/publicsuffix/public_suffix_list.dat";

    /// <summary>The list has some 10,000 rules; more than this is no such list.</summary>
    private const int MostRules = 100_000;

    private static readonly string[] Known =
    [
        "com", "org", "net", "edu", "gov", "mil", "int", "info", "io", "dev", "app", "be", "ch", "de", "dk", "eu", "nl",
        "co.uk", "org.uk", "ac.uk", "gov.uk", "me.uk", "com.au", "net.au", "org.au", "edu.au", "gov.au", "co.nz", "org.nz", "ac.nz",
        "co.jp", "ne.jp", "or.jp", "ac.jp", "go.jp", "com.br", "net.br", "org.br", "gov.br", "com.cn", "net.cn", "org.cn", "gov.cn",
        "co.in", "net.in", "org.in", "ac.in", "gov.in", "co.za", "org.za", "ac.za", "com.mx", "com.ar", "com.tr", "com.tw", "com.sg",
        "com.hk", "co.kr", "or.kr", "co.il", "org.il", "ac.il", "com.ua", "com.pl", "co.at", "or.at", "ac.at", "gv.at", "co.id", "com.my",
        "com.ph", "co.th", "com.vn", "com.eg", "com.sa", "com.pk", "com.ng", "co.ke",
    ];

    private static readonly IdnMapping Idn = new();

    private readonly FrozenSet<string> _rules;
    private readonly FrozenSet<string> _wildcards;
    private readonly FrozenSet<string> _exceptions;

    private readonly bool _isShort;

    private PublicSuffixList(IEnumerable<string> rules, bool isShort = false)
    {
        _isShort = isShort;
        var all = rules.Take(MostRules).ToList();
        _exceptions = Pick(all, "!");
        _wildcards = Pick(all, "*.");
        _rules = all.Where(rule => rule[0] is not ('!' or '*')).Select(ToAscii).ToFrozenSet();
    }

    /// <summary>The short list that is always there. Below a country's suffix that it does not know, every name is an organisation of its own.</summary>
    public static PublicSuffixList BuiltIn { get; } = new(Known, isShort: true);

    public int Count => _rules.Count + _wildcards.Count + _exceptions.Count;

    /// <summary>The file, where it exists; else <see cref="BuiltIn"/>.</summary>
    public static PublicSuffixList Load(string path = SystemPath) => File.Exists(path) ? Parse(File.ReadLines(path)) : BuiltIn;

    /// <summary>The list's own format: a rule a line, up to the first white space; <c>//</c> begins a comment.</summary>
    public static PublicSuffixList Parse(IEnumerable<string> lines) =>
        new(lines.Select(line => line.Split((char[]?)null, 2, StringSplitOptions.RemoveEmptyEntries))
            .Where(words => words.Length > 0 && !words[0].StartsWith("//", StringComparison.Ordinal))
            .Select(words => words[0].ToLowerInvariant()));

    /// <summary>
    /// The public suffix and one label more (RFC 7489, 3.2), lower case; the domain itself where it is a public suffix or has
    /// one label. A suffix that no rule names is its last label.
    /// </summary>
    /// <param name="domain">A-labels, without a last dot.</param>
    public string OrganisationalDomain(string domain)
    {
        domain = domain.ToLowerInvariant();
        string? oneMore = null;
        for (var suffix = domain; ; suffix = suffix[(suffix.IndexOf('.') + 1)..])
        {
            // The first that is found from the left is the longest; an exception beats all others.
            if (_exceptions.Contains(suffix))
            {
                return suffix;
            }

            var dot = suffix.IndexOf('.');
            if (dot < 0 && _isShort && suffix.Length == 2 && !_rules.Contains(suffix))
            {
                // A country of which we know nothing: two names below it may be two owners, so each stands for itself.
                return domain;
            }

            if (dot < 0 || _rules.Contains(suffix) || _wildcards.Contains(suffix[(dot + 1)..]))
            {
                // An exception is longer than the wildcard that it is one of by nothing: it was looked up just before.
                return oneMore ?? domain;
            }

            oneMore = suffix;
        }
    }

    private static FrozenSet<string> Pick(List<string> rules, string mark) =>
        rules.Where(rule => rule.StartsWith(mark, StringComparison.Ordinal)).Select(rule => ToAscii(rule[mark.Length..])).ToFrozenSet();

    private static string ToAscii(string rule)
    {
        try
        {
            return System.Text.Ascii.IsValid(rule) ? rule : Idn.GetAscii(rule);
        }
        catch (ArgumentException)
        {
            return rule;
        }
    }
}
