using System.Security.Cryptography;
using System.Text;
using Belljar.Detection.Rules;
using Belljar.Detection.Tests.Recall;

namespace Belljar.Detection.Tests.Vendors;

/// <summary>What looks like a secret and is none.</summary>
public class RuleNegativesTests
{
    private static readonly RuleSet Own = RuleSet.Compile(OwnRules.File);

    public static TheoryData<string> Ids => OwnRulesTests.Ids;

    /// <summary>The makers whose last characters are a checksum over the rest.</summary>
    public static TheoryData<string> Checked =>
    [
        "github-token", "github-refresh-token", "azure-storage-key-identifiable", "azure-cosmos-key-identifiable", "azure-messaging-key-identifiable",
        "azure-functions-key", "azure-search-key", "azure-container-registry-key", "npm-token", "matrix-access-token", "grafana-service-account-token", "payment-card", "iban", "bip39-seed-phrase",
        "bitcoin-wif", "bip32-extended-private-key", "age-secret-key", "nostr-secret-key",
    ];

    /// <summary><c>ghp_xxxxxxxx</c>: the right shape, and nothing in it.</summary>
    [Theory]
    [MemberData(nameof(Ids))]
    public void Rule_PassesOver_OneCharacterRepeated(string id)
    {
        var rules = RulePositivesTests.Alone(id);
        foreach (var format in RulePositivesTests.FormatsOf(id).Where(format => format.IsOfAlphabetsAlone))
        {
            Assert.Empty(rules.Scan(RulePositivesTests.Text(format, format.Make(new Repeating()))));
        }
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void Rule_PassesOver_PlaceholdersAndReferences(string id)
    {
        foreach (var format in RulePositivesTests.FormatsOf(id).Where(format => format.Names.Count > 0))
        {
            var name = format.Names[0];
            string[] values =
            [
                "your-token-here", "<your token>", "changeme", "change_me_please", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "EXAMPLE", "REPLACE_WITH_YOUR_KEY", "********",
                $"${name}", $"${{{name}}}", $"${{{name}:-default}}", $"{{{{ .Values.{name} }}}}", $"%{name}%", $"process.env.{name}", $"os.environ['{name}']",
                $"config.get(\"{name}\")", "None", "null", "undefined", "true", "12345678", "********************************",
            ];
            foreach (var value in values)
            {
                foreach (var line in new[] { $"{name}={value}", $"{name}: {value}", $"{name} = \"{value}\"", $"\"{name}\": \"{value}\"," })
                {
                    Assert.True(Own.Scan(Encoding.UTF8.GetBytes(line + "\n")) is [], line);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Checked))]
    public void Rule_PassesOver_WrongChecksums(string id)
    {
        var rules = RulePositivesTests.Alone(id);
        var random = new Random(21);
        foreach (var format in RulePositivesTests.FormatsOf(id))
        {
            for (var i = 0; i < 20; i++)
            {
                var value = format.Make(random);
                var wrong = id == "bip39-seed-phrase" ? Misspelt(value) : Altered(value);
                Assert.True(rules.Scan(RulePositivesTests.Text(format, wrong)) is [], $"{value} → {wrong}");
            }
        }
    }

    /// <summary>A format of one fixed length is not found in a longer run of its own characters.</summary>
    [Theory]
    [MemberData(nameof(Ids))]
    public void Rule_PassesOver_FixedLengthsThatRunOn(string id)
    {
        if (OwnRulesTests.RuleOf(id).Regex is { } regex && (!regex.EndsWith(@"})\b", StringComparison.Ordinal) || regex.Contains('|', StringComparison.Ordinal)))
        {
            return;
        }

        var rules = RulePositivesTests.Alone(id);
        foreach (var format in RulePositivesTests.FormatsOf(id).Where(format => format.Names.Count == 0))
        {
            var value = format.Make(new Random(22));
            Assert.Empty(rules.Scan(RulePositivesTests.Text(format, value + Run(300))));
        }

        static string Run(int length) => new Random(23).Pick(Alphabets.Base62, length);
    }

    [Fact]
    public void Set_PassesOver_WhatOnlyLooksRandom()
    {
        var random = new Random(31);
        var text = new StringBuilder();
        for (var i = 0; i < 300; i++)
        {
            var bytes = TokenMakers.Bytes(64, random);
            text.Append($"commit {Filler.Hex(40, random)}\n");
            text.Append($"{Convert.ToHexStringLower(SHA256.HashData(bytes))}  ./pool/main/a/app_1.{i}.deb\n");
            text.Append($"MD5 (file{i}.tar) = {Filler.Hex(32, random)}\n");
            text.Append($"      \"integrity\": \"sha512-{Convert.ToBase64String(SHA512.HashData(bytes))}\",\n");
            text.Append($"github.com/acme/lib{i} v1.{i}.0 h1:{Convert.ToBase64String(SHA256.HashData(bytes))}\n");
            text.Append($"    \"id\": \"{new Guid(bytes.AsSpan(0, 16))}\", \"etag\": \"W/{Convert.ToHexStringLower(bytes.AsSpan(0, 12))}\",\n");
            text.Append($"  image: registry.acme7.example/app@sha256:{Convert.ToHexStringLower(SHA256.HashData(bytes))}\n");
            text.Append($"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{Convert.ToBase64String(SHA256.HashData(bytes))[..43]} alice7@laptop\n");
            text.Append($"{random.NextInt64(1_000_000_000_000_000, 9_999_999_999_999_999)},{random.NextDouble()},{random.Next()}\n");
        }

        text.Append($"<img src=\"data:image/png;base64,{Convert.ToBase64String(TokenMakers.Bytes(60_000, random))}\">\n");
        text.Append($"-----BEGIN CERTIFICATE-----\n{Convert.ToBase64String(TokenMakers.Bytes(900, random), Base64FormattingOptions.InsertLineBreaks)}\n-----END CERTIFICATE-----\n");
        text.Append($"-----BEGIN PUBLIC KEY-----\n{Convert.ToBase64String(TokenMakers.Bytes(290, random), Base64FormattingOptions.InsertLineBreaks)}\n-----END PUBLIC KEY-----\n");
        text.Append($"//# sourceMappingURL=data:application/json;base64,{Convert.ToBase64String(Encoding.UTF8.GetBytes("{\"version\":3,\"mappings\":\"" + random.Pick(Alphabets.Base62, 9000) + "\"}"))}\n");
        text.Append("<value>System.Resources.ResXResourceReader, System.Windows.Forms, Version=4.0.0.0, Culture=neutral, PublicKeyToken=b77a5c561934e089</value>\n");
        text.Append("icinga7  ALL=(ALL) NOPASSWD: /etc/init.d/apache2 restart\n<?define GuidKpasswd=20A984EC-5BCB-4B93-A3A9-7AACBDC625E9 ?>\n");
        text.Append("const string USER_CHANGE_PASSWORD = \"ab721a53-1e2f-11d0-9819-00aa0040529b\";\nmysql_password\t\t| **Optional.** The password.\n");
        text.Append("if (BEGIN == \"-----BEGIN RSA PRIVATE KEY-----\") { return \"-----END RSA PRIVATE KEY-----\"; }\n");
        text.Append("!function(e){var t={};function n(r){if(t[r])return t[r].exports;var o=t[r]={i:r,l:!1,exports:{}};return e[r].call(o.exports,o,o.exports,n)}n.token=e,n.password=t}([]);\n");

        Assert.Empty(Own.Scan(Encoding.UTF8.GetBytes(text.ToString())).Select(finding => $"{finding.RuleId} line {finding.Line} {finding.Sample} {finding.Encoding}"));
    }

    /// <summary>Another character of the same kind in the last place.</summary>
    private static string Altered(string value)
    {
        var others = char.IsAsciiDigit(value[^1]) ? "23456789" : char.IsAsciiLetterUpper(value[^1]) ? "ACDEF" : "acdef";
        return value[..^1] + others[(others.IndexOf(value[^1], StringComparison.Ordinal) + 1) % others.Length];
    }

    /// <summary>A word that is not on the list.</summary>
    private static string Misspelt(string phrase) => phrase[..phrase.LastIndexOf(' ')] + " zoologist";

    /// <summary>Always the first character.</summary>
    private sealed class Repeating : Random
    {
        public override int Next(int maxValue) => 0;
    }
}
