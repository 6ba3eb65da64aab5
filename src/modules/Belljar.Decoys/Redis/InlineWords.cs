using System.Globalization;
using System.Text;

namespace Belljar.Decoys.Redis;

/// <summary>A line that a person typed, cut into words, with quotes and escapes.</summary>
internal static class InlineWords
{
    public static bool TrySplit(string line, out List<string> words)
    {
        words = [];
        for (var at = 0; ;)
        {
            while (at < line.Length && IsSpace(line[at]))
            {
                at++;
            }

            if (at == line.Length)
            {
                return true;
            }

            var word = new StringBuilder();
            if (!TryWord(line, ref at, word))
            {
                return false;
            }

            words.Add(word.ToString());
        }
    }

    private static bool TryWord(string line, ref int at, StringBuilder word)
    {
        while (at < line.Length && !IsSpace(line[at]))
        {
            if (line[at] is '"' or '\'')
            {
                // A closing quote ends the word: what follows it must be a space.
                return TryQuoted(line, ref at, word) && (at == line.Length || IsSpace(line[at]));
            }

            word.Append(line[at++]);
        }

        return true;
    }

    private static bool TryQuoted(string line, ref int at, StringBuilder word)
    {
        var quote = line[at++];
        while (at < line.Length && line[at] != quote)
        {
            if (line[at] == '\\' && at + 1 < line.Length && (quote == '"' || line[at + 1] == '\''))
            {
                at += Escape(line, at, word);
            }
            else
            {
                word.Append(line[at++]);
            }
        }

        return at++ < line.Length;
    }

    /// <returns>How many characters the escape takes.</returns>
    private static int Escape(string line, int at, StringBuilder word)
    {
        if (line[at + 1] == 'x' && at + 3 < line.Length
            && byte.TryParse(line.AsSpan(at + 2, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
        {
            word.Append((char)value);
            return 4;
        }

        word.Append(line[at + 1] switch
        {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'b' => '\b',
            'a' => '\a',
            var other => other,
        });
        return 2;
    }

    private static bool IsSpace(char c) => c is ' ' or (>= '\t' and <= '\r');
}
