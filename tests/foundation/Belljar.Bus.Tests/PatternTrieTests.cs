using Belljar.Contracts;

namespace Belljar.Bus.Tests;

public class PatternTrieTests
{
    [Fact]
    public void Match_RandomPatterns_AgreesWithMatchingOneByOne()
    {
        var random = new Random(42);
        var trie = new PatternTrie<string>();
        var patterns = Enumerable.Range(0, 400).Select(_ => Name(random, "ab*", "ab*>")).Distinct().ToList();
        patterns.ForEach(pattern => trie.Add(pattern, pattern));
        for (var round = 0; round < 3; round++)
        {
            for (var i = 0; i < 500; i++)
            {
                var topic = Name(random, "abc", "abc");
                Assert.Equal(patterns.Where(pattern => Topic.Matches(pattern, topic)).Order(), Matches(trie, topic).Order());
            }

            foreach (var gone in patterns.Where(_ => random.Next(2) == 0).ToList())
            {
                Assert.True(trie.Remove(gone, gone));
                patterns.Remove(gone);
            }
        }
    }

    [Fact]
    public void Remove_TheLastOfAll_LeavesNothing()
    {
        var trie = new PatternTrie<string>();
        foreach (var pattern in new[] { "a.b.c", "a.*.c", "a.>", ">", "*" })
        {
            Assert.True(trie.Add(pattern, "x"));
            Assert.False(trie.Add(pattern, "x"));
            Assert.True(trie.Remove(pattern, "x"));
            Assert.False(trie.Remove(pattern, "x"));
        }

        Assert.Empty(Matches(trie, "a.b.c"));
        Assert.True(trie.IsEmpty);
    }

    [Fact]
    public void Match_SteadyState_AllocatesNothing()
    {
        var trie = new PatternTrie<string>();
        foreach (var pattern in new[] { "mail.*.received", "mail.>", ">", "mail.agent.received", "decoy.*.state" })
        {
            trie.Add(pattern, pattern);
        }

        var found = new List<string>(16);
        trie.Match("mail.agent.received", found);
        found.Clear();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            trie.Match("mail.agent.received", found);
            found.Clear();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public async Task Match_WhileOthersChange_NeverMissesWhatStays()
    {
        var trie = new PatternTrie<string>();
        trie.Add("a.b.c", "stays");
        using var stop = new CancellationTokenSource();
        var changing = Enumerable.Range(0, 2).Select(n => Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                foreach (var pattern in new[] { "a.b.c", "a.*.c", "a.b.>", $"a.b.x{n}", $"q{n}.b" })
                {
                    trie.Add(pattern, $"comes and goes {n}");
                    trie.Remove(pattern, $"comes and goes {n}");
                }
            }
        })).ToArray();

        for (var i = 0; i < 50_000; i++)
        {
            Assert.Contains("stays", Matches(trie, "a.b.c"));
        }

        await stop.CancelAsync();
        await Task.WhenAll(changing);
        Assert.Equal(["stays"], Matches(trie, "a.b.c"));
    }

    private static List<string> Matches(PatternTrie<string> trie, string topic)
    {
        var found = new List<string>();
        trie.Match(topic, found);
        return found;
    }

    private static string Name(Random random, string tokens, string lastTokens)
    {
        var before = Enumerable.Range(0, random.Next(4)).Select(_ => tokens[random.Next(tokens.Length)]);
        return string.Join('.', before.Append(lastTokens[random.Next(lastTokens.Length)]));
    }
}
