using System.Text;
using Belljar.Detection.Validators;

namespace Belljar.Detection.Tests.Validators;

/// <summary>Published examples, and each with one character changed.</summary>
public class ValidatorTests
{
    private static readonly string Words = string.Join(' ', Enumerable.Repeat("abandon", 11));

    [Theory]
    [InlineData("luhn", "4111 1111 1111 1111")]
    [InlineData("luhn", "378282246310005")]
    [InlineData("mod97", "GB82 WEST 1234 5698 7654 32")] // ISO 13616's example.
    [InlineData("mod97", "DE89370400440532013000")]
    [InlineData("base58check", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa")] // The first block's address.
    [InlineData("base58check", "5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ")] // From the description of WIF.
    [InlineData("bech32", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4")] // BIP-173.
    [InlineData("bech32", "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0")] // BIP-350.
    [InlineData("eth-address", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed")] // EIP-55.
    [InlineData("github-crc32", TestRules.ForgeToken)]
    [InlineData("github-crc32", "ghr_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJzQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0123456789358xu5")]
    [InlineData("gitlab-token", "glpat-QUJDREVGR0hJSktMTU5PUGM6MQpvOjEKdTo0Cw.01.1206j0oge")]
    [InlineData("npm-crc32", "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")]
    [InlineData("aws-key-id", TestRules.CloudKey)]
    public void Valid_IsAccepted_AndWithOneCharacterChangedRefused(string name, string secret)
    {
        var validator = ValidatorCatalogue.Get(name);
        Assert.True(validator(Encoding.ASCII.GetBytes(secret)));

        var changed = secret[..^1] + (secret[^1] is '8' ? '9' : '8');
        Assert.False(validator(Encoding.ASCII.GetBytes(changed)));
    }

    /// <summary>Its last eight characters are not covered.</summary>
    [Fact]
    public void FineGrainedToken_IsJudgedByItsMiddle()
    {
        const string Token = "github_pat_11ABCDEFG0abcdefghijkl_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17AbCdEfG7P442JBCzQWBuTSO";
        var validator = ValidatorCatalogue.Get("github-fine-grained");

        Assert.True(validator(Encoding.ASCII.GetBytes(Token)));
        for (var i = 0; i < Token.Length - 8; i++)
        {
            Assert.False(validator(Encoding.ASCII.GetBytes($"{Token[..i]}{(Token[i] == '9' ? '8' : '9')}{Token[(i + 1)..]}")), $"{i}");
        }
    }

    /// <summary>The value of SymCrypt's own self-test.</summary>
    [Fact]
    public void Marvin_GivesWhatItsAuthorsPublished() => Assert.Equal(0x22c74339492769bfUL, Marvin.Hash("abc"u8, 0xd53cd9cecd0893b7));

    [Theory]
    [InlineData("bip39", true, "about")] // The standard's first test vector.
    [InlineData("bip39", false, "abandon")]
    [InlineData("bip39", false, "abouts")]
    public void SeedPhrase_IsJudgedByItsLastWord(string name, bool isValid, string last) =>
        Assert.Equal(isValid, ValidatorCatalogue.Get(name)(Encoding.ASCII.GetBytes($"{Words} {last}")));

    [Theory]
    [InlineData(true, "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U")]
    [InlineData(false, "eyJ0eXAiOiJKV1QifQ.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U")] // No alg.
    [InlineData(false, "eyJhbGciOiJIUzI1NiJ9.bm90IGpzb24.dozj")]
    [InlineData(false, "eyJhbGciOiJIUzI1NiJ9")]
    public void JsonWebToken_NeedsAnAlgorithmAndAnObject(bool isValid, string token) =>
        Assert.Equal(isValid, ValidatorCatalogue.Get("jwt")(Encoding.ASCII.GetBytes(token)));

    [Theory]
    [InlineData(true, "123-45-6780")]
    [InlineData(false, "123-45-6789")]
    [InlineData(false, "000-12-3456")]
    [InlineData(false, "666-12-3456")]
    [InlineData(false, "912-12-3456")]
    [InlineData(false, "123-00-4567")]
    [InlineData(false, "123-45-0000")]
    public void SocialSecurityNumber_IsOneThatCanBeIssued(bool isValid, string number) =>
        Assert.Equal(isValid, ValidatorCatalogue.Get("us-ssn")(Encoding.ASCII.GetBytes(number)));

    [Theory]
    [InlineData(true, "\n")]
    [InlineData(true, "\\n")]
    [InlineData(true, "\r\n")]
    public void Pem_HoldsAKey(bool isValid, string lineEnd)
    {
        byte[] der = [0x30, 0x82, .. Enumerable.Range(0, 94).Select(value => (byte)(value * 7))];
        var pem = $"-----BEGIN PRIVATE KEY-----{lineEnd}{Convert.ToBase64String(der).Insert(64, lineEnd)}{lineEnd}-----END PRIVATE KEY-----";

        Assert.Equal(isValid, ValidatorCatalogue.Get("pem")(Encoding.ASCII.GetBytes(pem)));
    }

    [Theory]
    [InlineData("-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nyour key here\n-----END PRIVATE KEY-----")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n-----END PRIVATE KEY-----")]
    [InlineData("no key at all")]
    public void Pem_WithoutAKey_IsRefused(string pem) => Assert.False(ValidatorCatalogue.Get("pem")(Encoding.ASCII.GetBytes(pem)));

    [Fact]
    public void NoValidator_ThrowsOnAnything()
    {
        var random = new Random(9);
        foreach (var name in ValidatorCatalogue.Names)
        {
            var validator = ValidatorCatalogue.Get(name);
            for (var length = 0; length < 300; length++)
            {
                var secret = new byte[length];
                random.NextBytes(secret);
                validator(secret);
                validator(Encoding.ASCII.GetBytes(new string('1', length)));
                validator(Encoding.ASCII.GetBytes(new string('A', length)));
            }
        }
    }
}
