using System.Text;
using Belljar.Detection.Rules;

namespace Belljar.Detection.Tests;

/// <summary>A handful of rules of each shape, for the engine's tests; the shipped ones have tests of their own.</summary>
internal static class TestRules
{
    /// <summary>Its last six characters are the CRC-32 of the thirty before.</summary>
    public const string ForgeToken = "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";

    public const string CloudKey = "AKIAQYLPMN5HFIQR7XYA";

    public const string Assigned = "s3cr3tV4lu3Zx9Qw7Er5Ty1Ui";

    public const string Toml =
        """
        title = "tests"

        [[rules]]
        id = "forge-token"
        regex = '''\bghp_[0-9A-Za-z]{36}\b'''
        keywords = ["ghp_"]
        validator = "github-crc32"

        [[rules]]
        id = "cloud-key"
        regex = '''\b((?:AKIA|ASIA)[A-Z2-7]{16})\b'''

        [[rules]]
        id = "generic-assignment"
        regex = '''(?i)[\w.-]{0,50}?(?:api_?key|secret|password)[\w.-]{0,20}["']?\s{0,5}(?:=|:|=>)\s{0,5}["']?([\w+/=-]{16,64})["']?'''
        keywords = ["api", "secret", "password"]
        entropy = 3.5
        [[rules.allowlists]]
        stopwords = ["example"]

        [[rules]]
        id = "private-key"
        regex = '''-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[\s\S]{64,}?-----END [A-Z ]{0,30}PRIVATE KEY-----'''
        keywords = ["-----begin"]

        [[rules]]
        id = "card"
        regex = '''\b[3-6]\d{3}(?:[ -]?\d{4}){3}\b'''
        validator = "luhn"
        """;

    public static RuleFile File { get; } = Read(Toml);

    public static RuleSet Set { get; } = RuleSet.Compile(File);

    public static RuleFile Read(string toml) =>
        RuleFile.TryParse(Encoding.UTF8.GetBytes(toml), out var file, out var errors) ? file : throw new InvalidOperationException(string.Join("; ", errors));

    public static IReadOnlyList<Finding> Scan(string text) => Set.Scan(Encoding.UTF8.GetBytes(text));

    /// <summary>Rule, place, length and encoding: what a finding says apart from its looks.</summary>
    public static string[] Summaries(IEnumerable<Finding> findings) =>
        [.. findings.Select(finding => $"{finding.RuleId} {finding.Offset}+{finding.Length} {finding.Line}:{finding.Column} {finding.Encoding} {finding.Tag:x6}")];
}
