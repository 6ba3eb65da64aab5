using System.Text;

namespace Belljar.Detection.Tests.Recall;

/// <summary>Routable tokens: where a request belongs is written into them.</summary>
internal static class GitLab
{
    /// <summary>Sixteen random bytes, lines of routing keys, the length of those lines.</summary>
    public static string Payload(Random random)
    {
        var routing = Encoding.ASCII.GetBytes($"c:1\no:{random.Next(1, 9)}\nu:{random.Pick(Alphabets.ByName["b36"], random.Next(1, 6))}");
        byte[] bytes = [.. TokenMakers.Bytes(16, random), .. routing, (byte)routing.Length];
        return Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');
    }

    /// <summary>Two digits for the length of the payload's text, seven for the sum of all before.</summary>
    public static string Tail(string before)
    {
        var from = before.IndexOf("gl", StringComparison.Ordinal);
        var payload = before[(before.IndexOf('-', from) + 1)..before.IndexOf('.', StringComparison.Ordinal)];
        var length = Checksums.Base36((uint)payload.Length, 2);
        return length + Checksums.Base36(Checksums.Crc32(before + length), 7);
    }
}
