using Belljar.Testing;

namespace Belljar.Detection.Tests.Recall;

/// <summary>The table of vendors' formats.</summary>
internal static class TokenFormats
{
    public static IReadOnlyList<TokenFormat> All { get; } = [.. Read()];

    private static IEnumerable<TokenFormat> Read() =>
        from line in File.ReadLines(Path.Combine(Repository.Root, "tests", "foundation", "Belljar.Detection.Tests", "Recall", "token-formats.txt"))
        where line.Length > 0 && line[0] != '#'
        let fields = line.Split('|', 3, StringSplitOptions.TrimEntries)
        select new TokenFormat(fields[0], fields[1] == "-" ? [] : fields[1].Split(','), fields[2]);
}
