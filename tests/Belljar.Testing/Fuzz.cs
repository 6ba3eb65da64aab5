using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Belljar.Testing;

/// <summary>
/// Fuzzing in a test: changed copies of samples, and inputs written by a grammar, go through a target, which must never throw
/// and never take memory out of proportion. Bounded by time and repeatable by its seed (<c>BELLJAR_FUZZ_SEED</c>, which a
/// failure names together with the input).
/// <code>
///                     ./test   ./test --all
/// what strangers send  20 s     10 min        (a target with a name; BELLJAR_FUZZ_SECONDS sets it)
/// the rest              1 s     20 s
/// </code>
/// </summary>
public static class Fuzz
{
    private const int LongestInput = 256 * 1024;

    /// <summary>What one input may allocate: a fixed part, and so much for each of its bytes.</summary>
    private const long MostAllocated = 64 * 1024 * 1024;

    private const long MostAllocatedPerByte = 4096;

    private static double? Wanted { get; } =
        Variable("BELLJAR_FUZZ_SECONDS") is { } seconds ? double.Parse(seconds, CultureInfo.InvariantCulture) : null;

    /// <summary>The same in each run, so that a test that passed passes again; the long run looks elsewhere each time.</summary>
    private static int Seed { get; } = Variable("BELLJAR_FUZZ_SEED") is { } seed ? int.Parse(seed, CultureInfo.InvariantCulture)
        : TestScale.IsAll ? Random.Shared.Next()
        : 1;

    /// <returns>The number of inputs that were tried.</returns>
    /// <param name="samples">Where mutation starts; at least one.</param>
    /// <param name="words">Pieces that mean something to the target, to be planted anywhere.</param>
    /// <param name="target">Throws (or asserts) when something is wrong.</param>
    /// <param name="grammar">Writes half of the inputs; every second one of them is changed too.</param>
    /// <param name="name">Of a parser that reads what strangers send: it is run for long, and its count is printed.</param>
    public static long Run(IReadOnlyList<byte[]> samples, IReadOnlyList<byte[]> words, Action<byte[]> target, Grammar? grammar = null, string? name = null)
    {
        var random = new Random(Seed);
        var time = TimeSpan.FromSeconds((name is not null, TestScale.IsAll) switch
        {
            (true, var all) => Wanted ?? (all ? 600 : 20),
            (false, var all) => all ? 20 : 1,
        });
        var clock = Stopwatch.StartNew();
        var tried = 0L;
        do
        {
            var input = grammar is null || random.Next(2) == 0 ? Mutate(samples[random.Next(samples.Count)], samples, words, random)
                : random.Next(2) == 0 ? grammar.Write(random)
                : Mutate(grammar.Write(random), samples, words, random);
            try
            {
                var before = GC.GetAllocatedBytesForCurrentThread();
                target(input);
                var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
                Assert.True(allocated <= MostAllocated + (input.Length * MostAllocatedPerByte), $"{allocated} bytes were allocated");
            }
            catch (Exception found)
            {
                var file = Path.Combine(Path.GetTempPath(), $"belljar-fuzz-{Guid.NewGuid():N}.bin");
                File.WriteAllBytes(file, input);
                throw new InvalidOperationException($"seed {Seed}, input {tried}, {input.Length} bytes, kept as {file}: {found.Message}", found);
            }

            tried++;
        }
        while (clock.Elapsed < time);

        if (name is not null)
        {
            CorpusCount.ReportFuzz(name, tried, clock.Elapsed, Seed);
        }

        return tried;
    }

    private static byte[] Mutate(byte[] original, IReadOnlyList<byte[]> samples, IReadOnlyList<byte[]> words, Random random)
    {
        var bytes = new List<byte>(original);
        for (var change = random.Next(1, 9); change > 0; change--)
        {
            var at = random.Next(bytes.Count + 1);
            var length = random.Next(Math.Min(bytes.Count - at, 64) + 1);
            switch (random.Next(9))
            {
                case 0 when at < bytes.Count:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1 when at < bytes.Count:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes.RemoveRange(at, length);
                    break;
                case 3:
                    bytes.InsertRange(at, bytes.GetRange(at, length));
                    break;
                case 4:
                    bytes.RemoveRange(at, random.Next(bytes.Count - at + 1));
                    break;
                case 5:
                    bytes.InsertRange(at, Enumerable.Repeat((byte)random.Next(256), random.Next(1, 2000)));
                    break;
                case 6:
                    Splice(bytes, at, samples[random.Next(samples.Count)], random);
                    break;
                default:
                    bytes.InsertRange(at, words[random.Next(words.Count)]);
                    break;
            }
        }

        return bytes.Count > LongestInput ? [.. bytes.Take(LongestInput)] : [.. bytes];
    }

    private static void Splice(List<byte> bytes, int at, byte[] other, Random random)
    {
        var from = random.Next(other.Length + 1);
        bytes.InsertRange(at, other.Skip(from).Take(random.Next(other.Length - from + 1)));
    }

    [SuppressMessage("ApiDesign", "RS0030", Justification = "Tests have no Hosting to ask.")]
    private static string? Variable(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
