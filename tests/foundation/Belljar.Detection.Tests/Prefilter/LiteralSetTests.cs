using System.Text;
using Belljar.Detection.Prefilter;

namespace Belljar.Detection.Tests.Prefilter;

public class LiteralSetTests
{
    [Theory]
    [InlineData(3, 10)] // Every position is probed.
    [InlineData(5, 12)] // Every second one.
    public void Search_FindsWhatANaiveSearchFinds(int shortest, int longest)
    {
        var random = new Random(shortest);
        var words = Words(random, shortest, longest);
        var set = Compile(words);
        for (var round = 0; round < 200; round++)
        {
            var text = Word(random, random.Next(300));
            text = random.Next(2) == 0 ? text.ToUpperInvariant() : text;
            var first = random.Next(text.Length + 1);
            Compare(set, words, text, first, random.Next(first, text.Length + 1));
        }
    }

    /// <summary>As long as a block with what is around it: longer than what is probed at a time.</summary>
    [Theory]
    [InlineData(3, 10)]
    [InlineData(5, 12)]
    public void Search_OfALongText_FindsWhatANaiveSearchFinds(int shortest, int longest)
    {
        var random = new Random(10 + shortest);
        var words = Words(random, shortest, longest);
        var text = string.Concat(Enumerable.Range(0, 9_000).Select(i => i % 7 == 0 ? words[random.Next(words.Length)] : Word(random, 3)));

        Compare(Compile(words), words, text, 0, text.Length);
        Compare(Compile(words), words, text, 4_095, text.Length - 17);
    }

    private static string[] Words(Random random, int shortest, int longest) =>
        [.. Enumerable.Range(0, 60).Select(_ => Word(random, random.Next(shortest, longest))).Distinct()];

    /// <summary>Every third compared to the byte.</summary>
    private static LiteralSet Compile(string[] words) => new([.. words.Select((word, i) => new Literal(Encoding.ASCII.GetBytes(word), IsExact: i % 3 == 0))]);

    private static void Compare(LiteralSet set, string[] words, string text, int first, int last)
    {
        var hits = new HitList();

        set.Search(Encoding.ASCII.GetBytes(text), first, last, hits);

        var expected = Enumerable.Range(first, last - first)
            .SelectMany(start => Enumerable.Range(0, words.Length).Select(word => (start, word)))
            .Where(place => text.AsSpan(place.start).StartsWith(words[place.word], place.word % 3 == 0 ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase));
        var found = Enumerable.Range(0, hits.Count).Select(i => (hits[i].Start, hits[i].Literal)).ToArray();
        Assert.Equal(expected.Order(), found.Order());
        Assert.Equal(found.Select(hit => hit.Start).Order(), found.Select(hit => hit.Start));
    }

    /// <summary>Few letters, so that words overlap and lie in one another.</summary>
    private static string Word(Random random, int length) => string.Concat(Enumerable.Range(0, length).Select(_ => "abc_-"[random.Next(5)]));
}
