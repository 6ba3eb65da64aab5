using System.Security.Cryptography;

namespace Belljar.Egress.Secrets;

/// <summary>
/// Makes what stands for a credential inside. Programs check the shape of a token before they use it, so a prefix that
/// vendors publish is kept; nothing else of the value is.
/// </summary>
public static class Placeholder
{
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private const int Length = 36;

    private static readonly string[] Prefixes =
    [
        "github_pat_", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "glpat-", "sk-ant-api03-", "sk-ant-oat01-", "sk-ant-", "sk-proj-", "sk-", "xoxb-",
        "xoxp-", "npm_", "pypi-", "hf_", "dop_v1_", "AIza", "gsk_", "r8_", "lin_api_", "ntn_", "SG.", "key-", "rk_live_", "sk_live_", "sk_test_",
    ];

    public static string For(string value)
        => (Array.Find(Prefixes, prefix => value.StartsWith(prefix, StringComparison.Ordinal)) ?? "") + RandomNumberGenerator.GetString(Letters, Length);
}
