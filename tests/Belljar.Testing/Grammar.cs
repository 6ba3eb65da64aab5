using System.Text;

namespace Belljar.Testing;

/// <summary>
/// Writes inputs that have the structure of the real thing, for fuzzing behind the first refusal. A rule has alternatives;
/// in each <c>{name}</c> stands for a rule, <c>{name*}</c> for none to five of it, everything else for itself (a character
/// up to U+00FF is one byte; an opening brace alone is a brace). Deep down only the first alternative is taken, which must lead to an end.
/// </summary>
public sealed class Grammar(string start, IReadOnlyDictionary<string, string[]> rules)
{
    private const int Deep = 12;
    private const int MostRepeated = 5;
    private const int Longest = 64 * 1024;

    public byte[] Write(Random random)
    {
        var text = new StringBuilder();
        Write(start, 0, random, text);
        return Encoding.Latin1.GetBytes(text.ToString());
    }

    private void Write(string rule, int depth, Random random, StringBuilder text)
    {
        var alternatives = rules.TryGetValue(rule, out var known) ? known : throw new ArgumentException($"There is no rule '{rule}'.", nameof(rule));
        var rest = alternatives[depth < Deep ? random.Next(alternatives.Length) : 0].AsSpan();
        while (!rest.IsEmpty && text.Length < Longest)
        {
            var open = rest.IndexOf('{');
            var close = open < 0 ? -1 : rest[open..].IndexOf('}') + open;
            text.Append(close <= open ? rest : rest[..open]);
            if (close <= open)
            {
                return;
            }

            var name = rest[(open + 1)..close];
            rest = rest[(close + 1)..];
            var times = name is [.., '*'] ? random.Next(MostRepeated + 1) : 1;
            for (var i = 0; i < times; i++)
            {
                Write(name.TrimEnd('*').ToString(), depth + 1, random, text);
            }
        }
    }
}
