using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Belljar.Detection.Tests.Recall;

/// <summary>One line of <c>token-formats.txt</c>.</summary>
/// <param name="Rule">The rule that is to find it.</param>
/// <param name="Names">What it is called where it is kept; empty: it is known by itself.</param>
/// <param name="Format">Text with pieces in braces.</param>
internal sealed partial record TokenFormat(string Rule, IReadOnlyList<string> Names, string Format)
{
    /// <summary>A value that its vendor's own checks would accept as to form.</summary>
    public string Make(Random random)
    {
        var text = new StringBuilder();
        var at = 0;
        foreach (Match piece in Piece().Matches(Format))
        {
            text.Append(Format, at, piece.Index - at);
            at = piece.Index + piece.Length;
            text.Append(Make(piece.Groups["name"].Value, piece.Groups["argument"].Value, text.ToString(), random));
        }

        return text.Append(Format, at, Format.Length - at).ToString();
    }

    /// <summary>Nothing but random characters and fixed text: no structure, no checksum.</summary>
    public bool IsOfAlphabetsAlone => Piece().Matches(Format).All(piece => Alphabets.ByName.ContainsKey(piece.Groups["name"].Value));

    public override string ToString() => $"{Rule}: {Format}";

    private static string Make(string name, string argument, string before, Random random)
    {
        if (Alphabets.ByName.TryGetValue(name, out var alphabet))
        {
            return random.Pick(alphabet, int.Parse(argument, CultureInfo.InvariantCulture));
        }

        return name switch
        {
            "crc32-base62-body" => Checksums.Base62(Checksums.Crc32(before[(before.LastIndexOf('_') + 1)..]), 6),
            "crc32-base62" => Checksums.Base62(Checksums.Crc32(before[..^1]), 6),
            "sha256-base32" => Checksums.Base32(SHA256.HashData(Encoding.ASCII.GetBytes(before)))[..8],
            "gitlab-tail" => GitLab.Tail(before),
            "grafana-crc32" => "_" + Convert.ToHexStringLower(BitConverter.GetBytes(Checksums.Crc32(before))),
            _ => TokenMakers.ByName[name](argument, random),
        };
    }

    [GeneratedRegex(@"\{(?<name>[A-Za-z][A-Za-z0-9-]*)(?::(?<argument>[A-Za-z0-9]+))?\}", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Piece();
}
