using System.Buffers;
using System.Globalization;
using System.Text;

namespace Belljar.Contracts;

/// <summary>
/// Builds and checks topics: dot-separated tokens of <c>[A-Za-z0-9_:%-]</c>. Every other byte of a name is
/// percent-encoded inside its token, and everybody who needs a topic comes here for it.
/// </summary>
public static class Topic
{
    /// <summary>A topic travels in a frame's header line, which is bounded too (see <see cref="Wire.Frame.LongestHeader"/>).</summary>
    public const int LongestTopic = 1024;

    private static readonly SearchValues<char> Plain =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_:-");

    private static readonly SearchValues<char> InToken =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_:%-");

    /// <summary>Joins names to a topic; each argument becomes exactly one token.</summary>
    public static string Of(params ReadOnlySpan<string> names)
    {
        var topic = new StringBuilder();
        foreach (var name in names)
        {
            if (topic.Length > 0)
            {
                topic.Append('.');
            }

            topic.Append(Token(name));
        }

        return topic.ToString();
    }

    /// <summary>One name as one token. The empty name becomes <c>%</c>, which no other name can become.</summary>
    public static string Token(string name)
    {
        if (name.Length == 0)
        {
            return "%";
        }

        if (!name.AsSpan().ContainsAnyExcept(Plain))
        {
            return name;
        }

        var token = new StringBuilder(name.Length + 8);
        foreach (var b in Encoding.UTF8.GetBytes(name))
        {
            if (Plain.Contains((char)b))
            {
                token.Append((char)b);
            }
            else
            {
                token.Append('%').Append(b.ToString("X2", CultureInfo.InvariantCulture));
            }
        }

        return token.ToString();
    }

    public static bool IsValid(ReadOnlySpan<char> topic) => IsValid(topic, wildcards: false);

    /// <summary>As a topic, but a token may be <c>*</c> (one token) and the last one <c>&gt;</c> (one or more).</summary>
    public static bool IsValidPattern(ReadOnlySpan<char> pattern) => IsValid(pattern, wildcards: true);

    /// <summary>Matches without a trie: for the few who hold one pattern and look at many topics.</summary>
    public static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> topic)
    {
        while (true)
        {
            var patternEnd = pattern.IndexOf('.');
            var topicEnd = topic.IndexOf('.');
            var want = patternEnd < 0 ? pattern : pattern[..patternEnd];
            var have = topicEnd < 0 ? topic : topic[..topicEnd];
            if (want is ">")
            {
                return true;
            }

            if (want is not "*" && !want.SequenceEqual(have))
            {
                return false;
            }

            if (patternEnd < 0 || topicEnd < 0)
            {
                return patternEnd < 0 && topicEnd < 0;
            }

            pattern = pattern[(patternEnd + 1)..];
            topic = topic[(topicEnd + 1)..];
        }
    }

    private static bool IsValid(ReadOnlySpan<char> text, bool wildcards)
    {
        if (text.Length is 0 or > LongestTopic)
        {
            return false;
        }

        while (true)
        {
            var end = text.IndexOf('.');
            var token = end < 0 ? text : text[..end];
            var isWildcard = wildcards && (token is "*" || (token is ">" && end < 0));
            if (!isWildcard && (token.IsEmpty || token.ContainsAnyExcept(InToken)))
            {
                return false;
            }

            if (end < 0)
            {
                return true;
            }

            text = text[(end + 1)..];
        }
    }
}
