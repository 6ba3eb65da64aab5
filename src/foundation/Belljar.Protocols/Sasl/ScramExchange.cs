using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;

namespace Belljar.Protocols.Sasl;

/// <summary>
/// SCRAM-SHA-256 and SCRAM-SHA-256-PLUS (RFC 5802, 7677), with <c>tls-server-end-point</c> (RFC 5929) as the binding.
/// <code>
/// client first   n,,n=user,r=CLIENT
/// server first   r=CLIENT+SERVER,s=SALT,i=ITERATIONS
/// client final   c=GS2HEADER+BINDING,r=CLIENT+SERVER,p=PROOF
/// server final   v=SIGNATURE            (then an empty message from the client)
/// </code>
/// </summary>
/// <param name="binding">The hash of the certificate that the client was shown; null: PLUS is not offered.</param>
/// <param name="isPlus">The client chose PLUS.</param>
/// <param name="nonce">Ours, printable and without a comma.</param>
public sealed class ScramExchange(ISaslCredentials credentials, byte[]? binding, bool isPlus, string nonce) : ISaslExchange
{
    public const string Mechanism = "SCRAM-SHA-256";
    public const string PlusMechanism = "SCRAM-SHA-256-PLUS";

    private const int LongestMessage = 1024;
    private const string BindingFlag = "p=tls-server-end-point";

    private Func<string, SaslStep>? _next;
    private string _gs2Header = "";
    private string _firstBare = "";
    private string _serverFirst = "";
    private string _nonces = "";
    private SaslCredential _known;

    public static string NewNonce() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(18));

    public SaslStep Respond(ReadOnlySpan<byte> message)
    {
        if (message.Length > LongestMessage || !Utf8.IsValid(message))
        {
            return Fail();
        }

        return (_next ?? First)(Encoding.UTF8.GetString(message));
    }

    private SaslStep First(string text)
    {
        // gs2-header = flag "," [authzid] ","; then "n=" user "," "r=" nonce, and extensions that we need not know.
        if (text.Split(',', 3) is not [var flag, var actsFor, var bare] || !IsBindingAllowed(flag)
            || bare.Split(',') is not [var user, var random, ..]
            || !TryTakeName(user, "n=", out var name) || name.Length == 0
            || (actsFor.Length > 0 && !(TryTakeName(actsFor, "a=", out var other) && other == name))
            || !random.StartsWith("r=", StringComparison.Ordinal) || random.Length is < 10 or > 260 || random.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            return Fail();
        }

        _known = credentials.Find(name);
        _gs2Header = text[..^bare.Length];
        _firstBare = bare;
        _nonces = random[2..] + nonce;
        _serverFirst = $"r={_nonces},s={Convert.ToBase64String(_known.Verifier.Salt.Span)},i={_known.Verifier.Iterations}";
        _next = Final;
        return SaslStep.Say(Encoding.UTF8.GetBytes(_serverFirst));
    }

    /// <summary>"y" is a client that could bind and was told that we cannot: where we did say that we can, somebody stands between us.</summary>
    private bool IsBindingAllowed(string flag) => isPlus ? flag == BindingFlag && binding is not null : flag == "n" || (flag == "y" && binding is null);

    private SaslStep Final(string text)
    {
        var withoutProof = text[..Math.Max(0, text.LastIndexOf(",p=", StringComparison.Ordinal))];
        if (withoutProof.Split(',') is not [var bound, var random, ..] || random != "r=" + _nonces
            || !TryDecode(bound, "c=", out var channel) || !channel.AsSpan().SequenceEqual((byte[])[.. Encoding.UTF8.GetBytes(_gs2Header), .. Binding()])
            || !TryDecode(text[(withoutProof.Length + 1)..], "p=", out var proof) || proof.Length != SHA256.HashSizeInBytes)
        {
            return Fail();
        }

        var said = Encoding.UTF8.GetBytes($"{_firstBare},{_serverFirst},{withoutProof}");
        var clientKey = HMACSHA256.HashData(_known.Verifier.StoredKey.Span, said);
        for (var i = 0; i < clientKey.Length; i++)
        {
            clientKey[i] ^= proof[i];
        }

        var fits = CryptographicOperations.FixedTimeEquals(SHA256.HashData(clientKey), _known.Verifier.StoredKey.Span);
        if (!fits || _known.Identity is null)
        {
            return Fail();
        }

        _next = Last;
        return SaslStep.Say(Encoding.ASCII.GetBytes("v=" + Convert.ToBase64String(HMACSHA256.HashData(_known.Verifier.ServerKey.Span, said))));
    }

    private SaslStep Last(string text) => text.Length == 0 ? SaslStep.Done(_known.Identity!) : Fail();

    private SaslStep Fail()
    {
        _next = _ => SaslStep.Failed;
        return SaslStep.Failed;
    }

    private ReadOnlySpan<byte> Binding() => isPlus ? binding : default;

    /// <summary>saslname: "=2C" is a comma and "=3D" an equals sign; no other "=" may stand in it.</summary>
    private static bool TryTakeName(string text, string prefix, out string name)
    {
        name = "";
        if (!text.StartsWith(prefix, StringComparison.Ordinal))
        {
            return false;
        }

        var rest = text[prefix.Length..].Replace("=2C", ",", StringComparison.Ordinal);
        name = rest.Replace("=3D", "=", StringComparison.Ordinal);
        return !rest.Replace("=3D", "", StringComparison.Ordinal).Contains('=');
    }

    private static bool TryDecode(string text, string prefix, out byte[] bytes)
    {
        bytes = [];
        if (!text.StartsWith(prefix, StringComparison.Ordinal) || !Base64.IsValid(text.AsSpan(prefix.Length)))
        {
            return false;
        }

        bytes = Convert.FromBase64String(text[prefix.Length..]);
        return true;
    }
}
