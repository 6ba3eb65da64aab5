using System.Text;
using Belljar.Mail.Authentication;
using Belljar.Mail.Authentication.Dkim;
using Belljar.Mail.Authentication.Dmarc;
using Belljar.Testing;

namespace Belljar.Mail.Tests.Authentication.Dkim;

/// <summary>Old messages with signatures, good and bad, and the keys that were in the DNS then.</summary>
internal static class DkimCorpus
{
    public static AuthenticationPolicy Shipped { get; } = new() { PublicSuffixes = PublicSuffixList.BuiltIn };

    /// <summary>What was accepted when the messages were written.</summary>
    public static AuthenticationPolicy Historic { get; } = Shipped with
    {
        AcceptSha1 = true,
        SmallestRsaKey = 384,
        AcceptBodyLength = true,
        AcceptHistoricForms = true,
    };

    public static async Task<SortedDictionary<string, IReadOnlyList<DkimResult>>> VerifyAllAsync(AuthenticationPolicy policy)
    {
        var folder = Corpora.Folder("dkim");
        var verifier = new DkimVerifier(Zone(Path.Combine(folder, "FAKE_DNS.dat")), policy, new ManualClock());
        var results = new SortedDictionary<string, IReadOnlyList<DkimResult>>(StringComparer.Ordinal);
        foreach (var file in Directory.GetFiles(Path.Combine(folder, "corpus"), "*.txt"))
        {
            var head = MessageHead.TryRead(await File.ReadAllBytesAsync(file))!;
            results[Path.GetFileNameWithoutExtension(file)] = await verifier.VerifyAsync(head, CancellationToken.None);
        }

        return results;
    }

    public static byte[][] Messages() =>
        [.. Directory.GetFiles(Path.Combine(Corpora.Folder("dkim"), "corpus"), "*.txt").Select(File.ReadAllBytes)];

    private static ZoneResolver Zone(string path)
    {
        var zone = new ZoneResolver();
        foreach (var line in File.ReadLines(path, Encoding.Latin1).Where(line => line.Length > 0 && line[0] is not ('#' or ' ')))
        {
            var space = line.IndexOf(' ');
            var (name, value) = (line[..space], line[space..].Trim());
            _ = value switch
            {
                "NXDOMAIN" => zone,
                "\"\"" => zone.Add(name, "TXT", ""),
                ['~', '~', ..] => zone.AddFailure(name),
                _ => zone.Add(name, "TXT", [.. value.Chunk(255).Select(part => new string(part))]),
            };
        }

        return zone;
    }
}
