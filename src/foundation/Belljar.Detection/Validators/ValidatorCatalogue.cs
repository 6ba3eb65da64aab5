using System.Collections.Frozen;

namespace Belljar.Detection.Validators;

/// <summary>Says whether a secret is what its rule took it for. Pure; sees the secret's bytes alone.</summary>
public delegate bool Validator(ReadOnlySpan<byte> secret);

/// <summary>Every validator, under the name that rule files use.</summary>
public static class ValidatorCatalogue
{
    private static readonly FrozenDictionary<string, Validator> All = new Dictionary<string, Validator>
    {
        ["luhn"] = Luhn.IsCardNumber,
        ["mod97"] = Iban.IsValid,
        ["bip39"] = SeedPhrase.IsValid,
        ["base58check"] = Base58Check.IsValid,
        ["bech32"] = Bech32.IsValid,
        ["eth-address"] = EthereumAddress.IsValid,
        ["jwt"] = JsonWebToken.IsValid,
        ["github-crc32"] = Crc32Suffix.IsValid,
        ["github-fine-grained"] = GitHubFineGrainedToken.IsValid,
        ["gitlab-token"] = GitLabToken.IsValid,
        ["azure-key"] = AzureKey.IsValid,
        ["npm-crc32"] = Crc32Suffix.IsValid,
        ["pem"] = PemKey.IsValid,
        ["aws-key-id"] = AwsKeyId.IsValid,
        ["age-key"] = Bech32.IsAgeKey,
        ["us-ssn"] = SocialSecurityNumber.IsPossible,
        ["matrix-crc32"] = TokenChecksum.IsMatrix,
        ["grafana-crc32"] = TokenChecksum.IsGrafana,
        ["discord-token"] = DiscordToken.IsOne,
        ["basic-auth"] = BasicCredentials.IsOne,
        ["password"] = PasswordShape.IsPassword,
        ["strong-password"] = PasswordShape.IsStrongPassword,
        ["assigned-secret"] = AssignedSecret.IsRandom,
    }.ToFrozenDictionary();

    public static IReadOnlyList<string> Names { get; } = [.. All.Keys.Order(StringComparer.Ordinal)];

    public static bool Contains(string name) => All.ContainsKey(name);

    /// <exception cref="KeyNotFoundException">There is none of that name.</exception>
    public static Validator Get(string name) => All[name];
}
