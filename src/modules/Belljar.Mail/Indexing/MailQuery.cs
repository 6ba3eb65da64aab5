using System.Globalization;
using Belljar.Hosting;

namespace Belljar.Mail.Indexing;

/// <summary>
/// A search as people type it: words that must all occur (<c>repor*</c> for a beginning), <c>"several in a row"</c>,
/// <c>-without</c>, <c>from: to: subject: body: label: file:</c> before a word, <c>is:unread is:read has:attachment
/// trusted:true since:2026-01-31 before:2026-02-01</c>. Nothing in it is a mistake of syntax for the database.
/// </summary>
internal sealed record MailQuery
{
    private const int LongestQuery = 1000;
    private const int MostTerms = 50;

    private static readonly Dictionary<string, string> Columns = new(StringComparer.OrdinalIgnoreCase)
    {
        ["from"] = "sender",
        ["to"] = "recipients",
        ["subject"] = "subject",
        ["body"] = "body",
        ["label"] = "labels",
        ["file"] = "files",
    };

    /// <summary>Expressions of FTS5, each of which must match.</summary>
    public IReadOnlyList<string> Wanted { get; init; } = [];

    /// <summary>Those that must not.</summary>
    public IReadOnlyList<string> Unwanted { get; init; } = [];

    public bool? IsRead { get; init; }

    public bool HasAttachment { get; init; }

    public string? Trusted { get; init; }

    public DateTimeOffset? Since { get; init; }

    public DateTimeOffset? Before { get; init; }

    /// <exception cref="OperatorException">A term that is none: what is wrong is said.</exception>
    public static MailQuery Parse(string text)
    {
        // SQLite ends its texts at NUL; no control character is part of a word anyway.
        var terms = text.Length <= LongestQuery ? Split(string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c))) : throw new OperatorException($"a search has at most {LongestQuery} characters.");
        if (terms.Count > MostTerms)
        {
            throw new OperatorException($"a search has at most {MostTerms} words.");
        }

        var query = new MailQuery();
        var wanted = new List<string>();
        var unwanted = new List<string>();
        foreach (var term in terms)
        {
            query = query.With(term, wanted, unwanted);
        }

        return query with { Wanted = wanted, Unwanted = unwanted };
    }

    private MailQuery With(Term term, List<string> wanted, List<string> unwanted)
    {
        switch (term.Key?.ToLowerInvariant(), term.Value.ToLowerInvariant())
        {
            case ("is", "unread"):
                return this with { IsRead = false };
            case ("is", "read"):
                return this with { IsRead = true };
            case ("has", "attachment" or "attachments" or "file"):
                return this with { HasAttachment = true };
            case ("trusted", "true" or "false" or "none"):
                return this with { Trusted = term.Value.ToLowerInvariant() };
            case ("since", _):
                return this with { Since = Day(term.Value) };
            case ("before", _):
                return this with { Before = Day(term.Value) };
            case ("is" or "has" or "trusted", _):
                throw new OperatorException($"a search knows is:read, is:unread, has:attachment and trusted:true|false|none, not '{term.Key}:{term.Value}'.");
        }

        // A word of punctuation alone has no token, and FTS5 would find nothing at all.
        if (term.Value.Any(char.IsLetterOrDigit))
        {
            (term.IsNegated ? unwanted : wanted).Add(term.ToFts(Columns));
        }

        return this;
    }

    private static DateTimeOffset Day(string text) =>
        DateTimeOffset.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var day)
            ? day
            : throw new OperatorException($"a day is written 2026-01-31, not '{text}'.");

    private static List<Term> Split(string text)
    {
        var terms = new List<Term>();
        for (var i = 0; i < text.Length;)
        {
            if (char.IsWhiteSpace(text[i]))
            {
                i++;
                continue;
            }

            terms.Add(Take(text, ref i));
        }

        return terms;
    }

    private static Term Take(string text, ref int i)
    {
        var isNegated = text[i] == '-' && i + 1 < text.Length && !char.IsWhiteSpace(text[i + 1]);
        i += isNegated ? 1 : 0;
        var key = default(string);
        var start = i;
        for (; i < text.Length && !char.IsWhiteSpace(text[i]) && text[i] != '"'; i++)
        {
            if (key is null && text[i] == ':' && IsKey(text[start..i]))
            {
                key = text[start..i];
                start = i + 1;
            }
        }

        if (i < text.Length && text[i] == '"' && i == start)
        {
            var end = text.IndexOf('"', i + 1);
            end = end < 0 ? text.Length : end;
            var phrase = text[(i + 1)..end];
            i = Math.Min(end + 1, text.Length);
            return new Term(key, phrase, isNegated, IsPrefix: false);
        }

        var word = text[start..i];
        return new Term(key, word.TrimEnd('*'), isNegated, word.EndsWith('*'));
    }

    private static bool IsKey(string text) =>
        Columns.ContainsKey(text) || text.ToLowerInvariant() is "is" or "has" or "since" or "before" or "trusted";

    private readonly record struct Term(string? Key, string Value, bool IsNegated, bool IsPrefix)
    {
        /// <summary>Everything from outside stands in quotes, where nothing has a meaning but the quote itself.</summary>
        public string ToFts(Dictionary<string, string> columns) =>
            $"{(Key is null ? "" : columns[Key] + " : ")}\"{Value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"{(IsPrefix ? " *" : "")}";
    }
}
