using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Belljar.Testing;

/// <summary>
/// Mutation fuzzing in a test: changed copies of samples go through a target, which must never throw. Bounded by time
/// (1 s, with <c>BELLJAR_TEST_ALL=1</c> 20 s, or <c>BELLJAR_FUZZ_SECONDS</c>) and repeatable by its seed
/// (<c>BELLJAR_FUZZ_SEED</c>, which a failure names together with the input).
/// </summary>
public static class Fuzz
{
    private const int LongestInput = 256 * 1024;

    /// <summary>How long one target runs here.</summary>
    public static TimeSpan Duration { get; } = TimeSpan.FromSeconds(
        Variable("BELLJAR_FUZZ_SECONDS") is { } seconds ? double.Parse(seconds, CultureInfo.InvariantCulture)
        : Variable("BELLJAR_TEST_ALL") == "1" ? 20
        : 1);

    private static int Seed { get; } = Variable("BELLJAR_FUZZ_SEED") is { } seed ? int.Parse(seed, CultureInfo.InvariantCulture) : 1;

    /// <returns>The number of inputs that were tried.</returns>
    /// <param name="samples">Where mutation starts; at least one.</param>
    /// <param name="words">Pieces that mean something to the target, to be planted anywhere.</param>
    /// <param name="target">Throws (or asserts) when something is wrong.</param>
    public static long Run(IReadOnlyList<byte[]> samples, IReadOnlyList<byte[]> words, Action<byte[]> target)
    {
        var random = new Random(Seed);
        var clock = Stopwatch.StartNew();
        var tried = 0L;
        do
        {
            var input = Mutate(samples, words, random);
            try
            {
                target(input);
            }
            catch (Exception found)
            {
                var file = Path.Combine(Path.GetTempPath(), $"belljar-fuzz-{Guid.NewGuid():N}.bin");
                File.WriteAllBytes(file, input);
                throw new InvalidOperationException($"seed {Seed}, input {tried}, {input.Length} bytes, kept as {file}: {found.Message}", found);
            }

            tried++;
        }
        while (clock.Elapsed < Duration);

        return tried;
    }

    private static byte[] Mutate(IReadOnlyList<byte[]> samples, IReadOnlyList<byte[]> words, Random random)
    {
        var bytes = new List<byte>(samples[random.Next(samples.Count)]);
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
