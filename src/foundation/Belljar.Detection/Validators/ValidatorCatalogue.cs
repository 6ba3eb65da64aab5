using System.Collections.Frozen;

namespace Belljar.Detection.Validators;

/// <summary>Says whether a secret is what its rule took it for. Pure; sees the secret's bytes alone.</summary>
public delegate bool Validator(ReadOnlySpan<byte> secret);

/// <summary>Every validator, under the name that rule files use.</summary>
public static class ValidatorCatalogue
{
    private static readonly FrozenDictionary<string, Validator> All = new Dictionary<string, Validator>
    {
        ["luhn"] = static secret => secret.Length > 0,
        ["mod97"] = static secret => secret.Length > 0,
        ["bip39"] = static secret => secret.Length > 0,
        ["base58check"] = static secret => secret.Length > 0,
        ["bech32"] = static secret => secret.Length > 0,
        ["eth-address"] = static secret => secret.Length > 0,
        ["jwt"] = static secret => secret.Length > 0,
        ["github-crc32"] = static secret => secret.Length > 0,
        ["npm-crc32"] = static secret => secret.Length > 0,
        ["pem"] = static secret => secret.Length > 0,
        ["aws-key-id"] = static secret => secret.Length > 0,
        ["age-key"] = static secret => secret.Length > 0,
        ["us-ssn"] = static secret => secret.Length > 0,
    }.ToFrozenDictionary();

    public static IReadOnlyList<string> Names { get; } = [.. All.Keys.Order(StringComparer.Ordinal)];

    public static bool Contains(string name) => All.ContainsKey(name);

    /// <exception cref="KeyNotFoundException">There is none of that name.</exception>
    public static Validator Get(string name) => All[name];
}
