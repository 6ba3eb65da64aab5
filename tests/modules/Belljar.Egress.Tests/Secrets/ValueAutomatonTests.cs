using System.Text;
using Belljar.Egress.Secrets;

namespace Belljar.Egress.Tests.Secrets;

public class ValueAutomatonTests
{
    [Theory]
    [InlineData("abcdef", "xxabcdefxx", 1)]
    [InlineData("abcdef", "abcdeabcdef", 1)]
    [InlineData("abab", "ababab", 2)]
    [InlineData("abcdef", "abcde", 0)]
    [InlineData("aaab", "aaaaaab", 1)]
    public void Next_FindsEveryPlace(string text, string stream, int times) => Assert.Equal(times, Find([text], stream, stream.Length).Count);

    [Fact]
    public void Next_OfTextsInsideEachOther_TellsTheLongestAtEachEnd()
        => Assert.Equal([(1, 3), (0, 4)], Find(["he", "she", "his", "hers"], "ushers", 6).ConvertAll(match => match.Owner == 3 ? (0, match.Length) : (match.Owner, match.Length)));

    [Fact]
    public void Next_HoweverTheStreamIsCut_GivesTheSame()
    {
        string[] texts = ["secret-value-1", "value-1-secret", "e-1"];
        const string stream = "...secret-value-1-secret-value-1...secret-value-";
        var whole = Find(texts, stream, stream.Length);

        Assert.Equal(3, whole.Count);
        for (var size = 1; size < stream.Length; size++)
        {
            Assert.Equal(whole, Find(texts, stream, size));
        }
    }

    [Fact]
    public void Pending_IsTheLongestBeginningThatStands()
    {
        var automaton = new ValueAutomaton([(0, "abcdef"u8.ToArray())]);
        var (at, state) = (0, ValueAutomaton.Start);

        automaton.Next("xxabcabc"u8, ref at, ref state, out _);

        Assert.Equal(3, automaton.Pending(state));
    }

    private static List<ValueMatch> Find(string[] texts, string stream, int size)
    {
        var automaton = new ValueAutomaton([.. texts.Select((text, i) => (i, Encoding.ASCII.GetBytes(text)))]);
        var found = new List<ValueMatch>();
        var state = ValueAutomaton.Start;
        foreach (var part in Encoding.ASCII.GetBytes(stream).Chunk(size))
        {
            var at = 0;
            while (automaton.Next(part, ref at, ref state, out var match))
            {
                found.Add(match);
            }
        }

        return found;
    }
}
