using Belljar.Detection.Rules;

namespace Belljar.Detection.Tests.Recall;

/// <summary>Secrets of every kind in files of every kind: how many does the whole rule set find?</summary>
public class RecallTests(ITestOutputHelper output)
{
    private const int Secrets = 5_000;
    private const int InOneFile = 8;
    private const double Least = 0.98;

    private static readonly RuleSet Own = RuleSet.Compile(OwnRules.File);

    [Fact]
    public void FiveThousandSecrets_InFilesOfEveryKind_AreFound()
    {
        var missed = new List<(PlantedFile File, Plant Plant)>();
        var plantedIn = new SortedDictionary<string, (int Planted, int Found)>(StringComparer.Ordinal);
        foreach (var file in Files())
        {
            var findings = Own.Scan(file.Content, file.Name);
            foreach (var plant in file.Plants)
            {
                var found = findings.Any(finding => finding.Offset < plant.Offset + plant.Length && finding.Offset + finding.Length > plant.Offset);
                Count(plantedIn, $"file {file.Kind}", found);
                Count(plantedIn, $"rule {plant.Format.Rule}", found);
                Count(plantedIn, "all", found);
                if (!found)
                {
                    missed.Add((file, plant));
                }
            }
        }

        foreach (var (kind, (planted, found)) in plantedIn)
        {
            output.WriteLine($"{kind,-44} {found,5} of {planted,5}  {100.0 * found / planted,6:0.0} %");
        }

        foreach (var (file, plant) in missed.Take(80))
        {
            output.WriteLine($"missed: {plant.Format} in {file.Name}");
        }

        var (all, hit) = plantedIn["all"];
        Assert.True(hit >= all * Least, $"{hit} of {all} found");
    }

    [Fact]
    public void FilesWithoutSecrets_GiveNoFindings()
    {
        var random = new Random(7);
        foreach (var kind in Enum.GetValues<FileKind>())
        {
            for (var i = 0; i < 20; i++)
            {
                var file = new FileWriter(kind, random).Write($"{kind}-{i}", []);
                var text = System.Text.Encoding.ASCII.GetString(file.Content);
                Assert.True(Own.Scan(file.Content, file.Name) is [], text);
            }
        }
    }

    private static void Count(SortedDictionary<string, (int Planted, int Found)> counts, string kind, bool found)
    {
        var (planted, before) = counts.GetValueOrDefault(kind);
        counts[kind] = (planted + 1, before + (found ? 1 : 0));
    }

    private static IEnumerable<PlantedFile> Files()
    {
        var random = new Random(20260314);
        var kinds = Enum.GetValues<FileKind>();
        var queue = new Queue<TokenFormat>();
        for (var number = 0; number < Secrets / InOneFile; number++)
        {
            while (queue.Count < InOneFile)
            {
                var shuffled = TokenFormats.All.ToArray();
                random.Shuffle(shuffled);
                foreach (var format in shuffled)
                {
                    queue.Enqueue(format);
                }
            }

            var kind = kinds[number % kinds.Length];
            yield return new FileWriter(kind, random).Write($"{kind}-{number}", [.. Enumerable.Range(0, InOneFile).Select(_ => queue.Dequeue())]);
        }
    }
}
