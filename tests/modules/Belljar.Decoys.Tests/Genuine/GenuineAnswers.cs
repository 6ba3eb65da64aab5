using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Belljar.Decoys.Tests.Genuine;

/// <summary>
/// What the genuine daemons of Debian 12 answered to a list of probes: <c>record.py</c> wrote it down. A reply holds everything that
/// came, the greeting first; each character is one byte.
/// </summary>
internal sealed partial record GenuineAnswer(string Name, IReadOnlyList<string> Send, string Reply, bool IsOpen)
{
    public static Dictionary<string, GenuineAnswer> Load(string product)
    {
        using var stream = typeof(GenuineAnswer).Assembly.GetManifestResourceStream(product + ".json")!;
        using var document = JsonDocument.Parse(stream);
        return document.RootElement.EnumerateArray().Select(probe => new GenuineAnswer(
            probe.GetProperty("name").GetString()!,
            [.. probe.GetProperty("send").EnumerateArray().Select(piece => Expand(piece.GetString()!))],
            probe.GetProperty("reply").GetString()!,
            probe.GetProperty("open").GetBoolean())).ToDictionary(probe => probe.Name);
    }

    private static string Expand(string send) => Repetition().Replace(send, match => string.Concat(
        Enumerable.Repeat(match.Groups[1].Value, int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture))));

    [GeneratedRegex(@"\{\{(.*?)\*(\d+)\}\}", RegexOptions.Singleline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Repetition();
}
