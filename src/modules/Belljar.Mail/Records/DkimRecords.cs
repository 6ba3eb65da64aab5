using Belljar.Mail.Signing;

namespace Belljar.Mail.Records;

/// <summary>
/// Reads the public halves that lie beside the signing keys: <c>dkim/&lt;domain&gt;/&lt;selector&gt;.txt</c>. The private ones are not
/// needed to say what to publish, and are not opened.
/// </summary>
internal static class DkimRecords
{
    private const int LongestRecord = 16 * 1024;

    public static IReadOnlyList<DkimRecord> Read(string folder, string domain)
    {
        var own = Path.Combine(folder, domain);
        return Directory.Exists(own)
            ? [.. Directory.EnumerateFiles(own, "*.txt").Order(StringComparer.Ordinal).Select(file => Read(file, new FileInfo(file).Length, domain)).OfType<DkimRecord>()]
            : [];
    }

    private static DkimRecord? Read(string file, long length, string domain) =>
        length > LongestRecord ? null : new DkimRecord($"{Path.GetFileNameWithoutExtension(file)}._domainkey.{domain}", File.ReadAllText(file).Trim());
}
