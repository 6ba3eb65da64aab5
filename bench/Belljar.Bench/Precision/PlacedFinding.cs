using System.Globalization;

namespace Belljar.Bench.Precision;

/// <summary>One finding: where, by which rule, and a hash of its redacted sample.</summary>
internal sealed record PlacedFinding(string Package, string Path, long Line, string Rule, string SampleHash)
{
    public static readonly Comparer<PlacedFinding> ByPlace = Comparer<PlacedFinding>.Create(
        static (a, b) => string.CompareOrdinal(a.Key, b.Key));

    public string Key => string.Create(CultureInfo.InvariantCulture, $"{Package}\t{Path}\t{Line}\t{Rule}\t{SampleHash}");

    public override string ToString() => Key;
}
