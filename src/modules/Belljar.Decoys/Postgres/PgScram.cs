using System.Security.Cryptography;
using System.Text;
using Belljar.Protocols.Sasl;

namespace Belljar.Decoys.Postgres;

/// <summary>
/// SCRAM-SHA-256 as PostgreSQL speaks it: the name in it is empty, since the startup message has one already. What the client proves is
/// kept: with the salt and the messages, passwords can be tried against it.
/// </summary>
internal sealed class PgScram(string user, DecoyIdentity identity)
{
    public const string Mechanism = "SCRAM-SHA-256";
    private const int Iterations = 4096;

    // The same for the same name, or asking twice would tell.
    private readonly byte[] _salt = Salt(user, identity);
    private string _bare = "";
    private string _serverFirst = "";
    private string _nonce = "";

    public (byte[]? Answer, PgError? Error) First(string message)
    {
        if (message.Length == 0)
        {
            return (null, Malformed("The message is empty.", 366, "scram_exchange"));
        }

        var flag = message[0];
        if (flag is 'p')
        {
            return (null, Malformed(
                "The client selected SCRAM-SHA-256 without channel binding, but the SCRAM message includes channel binding data.", 1007, "read_client_first_message"));
        }

        if (flag is not ('n' or 'y'))
        {
            return (null, Malformed($"Unexpected channel-binding flag \"{Shown(flag)}\".", 1025, "read_client_first_message"));
        }

        if (message.Split(',', 3) is not [_, var authorization, var bare])
        {
            return (null, Malformed("Comma expected, but found character \"'\0'\".".Replace("'\0'", "0x00", StringComparison.Ordinal), 1031, "read_client_first_message"));
        }

        if (authorization.StartsWith('a'))
        {
            return (null, new PgError("FATAL", "0A000", "client uses authorization identity, but it is not supported", "auth-scram.c", 1036, "read_client_first_message"));
        }

        if (bare.StartsWith('m'))
        {
            return (null, new PgError("FATAL", "0A000", "client requires an unsupported SCRAM extension", "auth-scram.c", 1057, "read_client_first_message"));
        }

        var words = bare.Split(',');
        var second = words.Length > 1 ? words[1] : "";
        if (!second.StartsWith("r=", StringComparison.Ordinal))
        {
            return (null, Expected('r', second));
        }

        _bare = bare;
        _nonce = second[2..] + Convert.ToBase64String(RandomNumberGenerator.GetBytes(18));
        _serverFirst = $"r={_nonce},s={Convert.ToBase64String(_salt)},i={Iterations}";
        return (Encoding.ASCII.GetBytes(_serverFirst), null);
    }

    /// <param name="message">The client's last one.</param>
    /// <param name="passwords">Those that would let him in.</param>
    public PgScramOutcome Final(string message, IEnumerable<string> passwords)
    {
        var words = message.Split(',');
        if (!words[0].StartsWith("c=", StringComparison.Ordinal))
        {
            return new PgScramOutcome(Expected('c', words[0]), null, null);
        }

        if (words.Length < 3 || words[1] != "r=" + _nonce)
        {
            return new PgScramOutcome(new PgError("FATAL", "08P01", "invalid SCRAM response", "auth-scram.c", 404, "scram_exchange") { Detail = "Nonce does not match." }, null, null);
        }

        var proof = new byte[SHA256.HashSizeInBytes];
        if (!words[^1].StartsWith("p=", StringComparison.Ordinal) || !Convert.TryFromBase64String(words[^1][2..], proof, out var length) || length != proof.Length)
        {
            return new PgScramOutcome(Malformed("Malformed proof in client-final-message.", 1254, "read_client_final_message"), null, null);
        }

        var said = $"{_bare},{_serverFirst},{string.Join(',', words[..^1])}";
        var shown = $"{Mechanism}${Iterations}${Convert.ToBase64String(_salt)}${said}${Convert.ToBase64String(proof)}";
        var fitting = passwords.Select(password => ScramVerifier.Of(password, _salt, Iterations)).FirstOrDefault(verifier => Fits(verifier, said, proof));
        return new PgScramOutcome(
            null, shown, fitting is null ? null : Encoding.ASCII.GetBytes("v=" + Convert.ToBase64String(HMACSHA256.HashData(fitting.ServerKey.Span, Encoding.UTF8.GetBytes(said)))));
    }

    private static bool Fits(ScramVerifier verifier, string said, byte[] proof)
    {
        var key = HMACSHA256.HashData(verifier.StoredKey.Span, Encoding.UTF8.GetBytes(said));
        for (var i = 0; i < key.Length; i++)
        {
            key[i] ^= proof[i];
        }

        return SHA256.HashData(key).AsSpan().SequenceEqual(verifier.StoredKey.Span);
    }

    private static PgError Malformed(string detail, int line, string routine) =>
        new("FATAL", "08P01", "malformed SCRAM message", "auth-scram.c", line, routine) { Detail = detail };

    private static PgError Expected(char attribute, string found) => found.Length == 0
        ? Malformed($"Expected attribute \"{attribute}\" but found \"0x00\".", 712, "read_attr_value")
        : Malformed($"Expected attribute \"{attribute}\" but found \"{Shown(found[0])}\".", 712, "read_attr_value");

    private static string Shown(char c) => c is >= '!' and <= '~' ? $"'{c}'" : $"0x{(int)c:x2}";

    private static byte[] Salt(string user, DecoyIdentity identity)
    {
        var salt = new byte[16];
        for (var i = 0; i < salt.Length; i++)
        {
            salt[i] = (byte)identity.Between($"postgres.salt.{user}.{i}", 0, 255);
        }

        return salt;
    }
}

/// <param name="Error">What is wrong with the message; null when it is a proof.</param>
/// <param name="Shown">The proof, with everything that is needed to try passwords.</param>
/// <param name="Signature">He is let in with this; null when nothing fits.</param>
internal sealed record PgScramOutcome(PgError? Error, string? Shown, byte[]? Signature);
