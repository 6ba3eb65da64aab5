using System.Security.Cryptography;

namespace Belljar.Mail.Signing;

/// <summary>
/// The two keys that sign a domain's mail at the same time: rsa-2048, which everybody verifies, and ed25519 (RFC 8463). One
/// selector has one record, so each key has its own: the pair's name and a letter.
/// </summary>
internal sealed class DkimKeyPair : IDisposable
{
    private const int RsaBits = 2048;

    private readonly Lock _rsaLock = new();
    private readonly RSA _rsa;
    private readonly byte[] _seed;

    private DkimKeyPair(string domain, string name, RSA rsa, byte[] seed)
    {
        (Domain, Name, _rsa, _seed) = (domain, name, rsa, seed);
    }

    /// <summary>In A-labels, lower case.</summary>
    public string Domain { get; }

    public string Name { get; }

    public string RsaSelector => Name + "r";

    public string Ed25519Selector => Name + "e";

    public static DkimKeyPair Generate(string domain, string name) => new(domain, name, RSA.Create(RsaBits), Ed25519.NewSeed());

    /// <returns>Null where one of the texts is no key of its kind.</returns>
    public static DkimKeyPair? FromPem(string domain, string name, string rsaPem, string ed25519Pem)
    {
        if (Ed25519.FromPem(ed25519Pem) is not { } seed)
        {
            return null;
        }

        var rsa = RSA.Create();
        try
        {
            rsa.ImportFromPem(rsaPem);
            return new DkimKeyPair(domain, name, rsa, seed);
        }
        catch (Exception bad) when (bad is CryptographicException or ArgumentException)
        {
            rsa.Dispose();
            return null;
        }
    }

    public string RsaPem() => _rsa.ExportPkcs8PrivateKeyPem();

    public string Ed25519Pem() => Ed25519.ToPem(_seed);

    /// <summary>RSASSA-PKCS1-v1_5 over a SHA-256 hash (RFC 6376, 3.3.2).</summary>
    public byte[] SignRsa(byte[] hash)
    {
        // An RSA instance is not for two threads.
        lock (_rsaLock)
        {
            return _rsa.SignHash(hash, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        }
    }

    /// <summary>PureEdDSA over a SHA-256 hash (RFC 8463, 3).</summary>
    public byte[] SignEd25519(byte[] hash) => Ed25519.Sign(_seed, hash);

    /// <summary>What is to be published.</summary>
    public IReadOnlyList<DkimRecord> Records() =>
    [
        new($"{RsaSelector}._domainkey.{Domain}", $"v=DKIM1; k=rsa; p={Convert.ToBase64String(_rsa.ExportSubjectPublicKeyInfo())}"),
        new($"{Ed25519Selector}._domainkey.{Domain}", $"v=DKIM1; k=ed25519; p={Convert.ToBase64String(Ed25519.PublicKey(_seed))}"),
    ];

    public void Dispose() => _rsa.Dispose();
}

/// <summary>A signing key's public half as it is to be published: a TXT record.</summary>
/// <param name="Text"><c>v=DKIM1; k=rsa; p=…</c>.</param>
public sealed record DkimRecord(string Name, string Text)
{
    private const int LongestString = 255;

    /// <summary>A line of a zone file; a string of it has 255 octets at most (RFC 1035, 3.3).</summary>
    public string ToZoneLine() => $"{Name}. 3600 IN TXT {string.Join(' ', Text.Chunk(LongestString).Select(part => $"\"{new string(part)}\""))}";
}
