using System.Globalization;
using System.IO.Compression;

namespace Belljar.Decoys.Http;

/// <summary>Compressed answers: both products compress pages unless told otherwise.</summary>
internal static class Gzip
{
    // RFC 1952 §2.3: XFL says which effort was made, OS 3 is Unix.
    private const int ExtraFlags = 8;
    private const int OperatingSystem = 9;

    public static bool IsAccepted(RequestHead head) => head.Field("Accept-Encoding") is { } accepted
        && accepted.Split(',', StringSplitOptions.TrimEntries).Any(IsGzip);

    /// <param name="fastest">nginx does its least, Apache its usual; the stream's header tells which.</param>
    public static byte[] Compress(ReadOnlySpan<byte> data, bool fastest)
    {
        var output = new MemoryStream();
        using (var gzip = new GZipStream(output, fastest ? CompressionLevel.Fastest : CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write(data);
        }

        var bytes = output.ToArray();
        bytes[ExtraFlags] = (byte)(fastest ? 4 : 0);
        bytes[OperatingSystem] = 3;
        return bytes;
    }

    private static bool IsGzip(string coding)
    {
        var parts = coding.Split(';', StringSplitOptions.TrimEntries);
        return parts[0].Equals("gzip", StringComparison.OrdinalIgnoreCase)
            && (parts.Length == 1 || !parts[1].StartsWith("q=", StringComparison.Ordinal)
                || (double.TryParse(parts[1].AsSpan(2), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var q) && q > 0));
    }
}
