using System.Security.Cryptography;

namespace Belljar.Contracts;

/// <summary>Names one running bottle: the bottle's or agent's name, a hyphen, five random base32 characters.</summary>
public readonly record struct SessionSlug(string Value)
{
    private const string Base32 = "abcdefghijklmnopqrstuvwxyz234567";
    private const int LongestSlug = 70;

    public static SessionSlug New(string name) => new($"{name}-{RandomNumberGenerator.GetString(Base32, 5)}");

    /// <summary>A slug becomes part of paths and topics, so only <c>[a-z0-9-]</c> is accepted.</summary>
    public static bool TryParse(string text, out SessionSlug slug)
    {
        var valid = text.Length is > 0 and <= LongestSlug
            && text[0] is >= 'a' and <= 'z'
            && text.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-');
        slug = valid ? new SessionSlug(text) : default;
        return valid;
    }

    public override string ToString() => Value;
}
