using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Belljar.Protocols.Sasl;

/// <summary>
/// What a server keeps instead of a password (RFC 5802, 3): enough to verify it by SCRAM-SHA-256 or to compare it, and not
/// enough to log in elsewhere. Written as RFC 5803 has it: <c>SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey</c>.
/// </summary>
public sealed class ScramVerifier
{
    public const string Scheme = "SCRAM-SHA-256";

    /// <summary>RFC 7677, 4.</summary>
    public const int FewestIterations = 4096;

    /// <summary>What is compared on each login; more would let a stranger keep us busy.</summary>
    private const int MostIterations = 1_000_000;

    private const int KeyLength = 32;

    private ScramVerifier(ReadOnlyMemory<byte> salt, int iterations, ReadOnlyMemory<byte> storedKey, ReadOnlyMemory<byte> serverKey) =>
        (Salt, Iterations, StoredKey, ServerKey) = (salt, iterations, storedKey, serverKey);

    public ReadOnlyMemory<byte> Salt { get; }

    public int Iterations { get; }

    public ReadOnlyMemory<byte> StoredKey { get; }

    public ReadOnlyMemory<byte> ServerKey { get; }

    public static ScramVerifier Of(string password, ReadOnlyMemory<byte> salt, int iterations)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(iterations, FewestIterations);
        var salted = Rfc2898DeriveBytes.Pbkdf2(Prepare(password), salt.Span, iterations, HashAlgorithmName.SHA256, KeyLength);
        var clientKey = HMACSHA256.HashData(salted, "Client Key"u8);
        return new ScramVerifier(salt, iterations, SHA256.HashData(clientKey), HMACSHA256.HashData(salted, "Server Key"u8));
    }

    /// <summary>One that no password fits, for a name that nobody has.</summary>
    /// <param name="salt">The same for the same name, or asking twice would tell.</param>
    public static ScramVerifier OfNobody(ReadOnlyMemory<byte> salt, int iterations) =>
        new(salt, iterations, RandomNumberGenerator.GetBytes(KeyLength), RandomNumberGenerator.GetBytes(KeyLength));

    public static bool TryParse(string text, [NotNullWhen(true)] out ScramVerifier? verifier)
    {
        verifier = null;
        if (text.Split('$') is not [Scheme, var how, var keys] || how.Split(':') is not [var count, var salt] || keys.Split(':') is not [var stored, var server]
            || !int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var iterations) || iterations is < FewestIterations or > MostIterations)
        {
            return false;
        }

        try
        {
            verifier = new ScramVerifier(Convert.FromBase64String(salt), iterations, Convert.FromBase64String(stored), Convert.FromBase64String(server));
            return verifier is { Salt.Length: > 0, StoredKey.Length: KeyLength, ServerKey.Length: KeyLength };
        }
        catch (FormatException)
        {
            return false;
        }
    }

    public bool Matches(string password) =>
        CryptographicOperations.FixedTimeEquals(Of(password, Salt, Iterations).StoredKey.Span, StoredKey.Span);

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Scheme}${Iterations}:{Convert.ToBase64String(Salt.Span)}${Convert.ToBase64String(StoredKey.Span)}:{Convert.ToBase64String(ServerKey.Span)}");

    /// <summary>SASLprep (RFC 4013) as far as it changes what people type: compatibility composition. U+FFFE, a non-character, would throw.</summary>
    private static byte[] Prepare(string password) => Encoding.UTF8.GetBytes(password.Replace('\uFFFE', '\uFFFD').Normalize(NormalizationForm.FormKC));
}
