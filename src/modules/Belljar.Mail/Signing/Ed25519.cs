using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Belljar.Mail.Signing;

/// <summary>Signing with Ed25519 (RFC 8032), which .NET does not have, by the OpenSSL that .NET on Linux uses.</summary>
internal static partial class Ed25519
{
    public const int SeedLength = 32;
    public const int SignatureLength = 64;

    private const string Library = "libcrypto.so.3";

    /// <summary>NID_ED25519.</summary>
    private const int Type = 1087;

    /// <summary>SEQUENCE { 0, { 1.3.101.112 }, OCTET STRING { OCTET STRING of 32 } }: PKCS#8 before the seed (RFC 8410, 7).</summary>
    private static ReadOnlySpan<byte> Pkcs8Prefix => [0x30, 0x2E, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

    public static byte[] NewSeed() => RandomNumberGenerator.GetBytes(SeedLength);

    /// <exception cref="CryptographicException">OpenSSL 3 is missing or refuses.</exception>
    public static byte[] PublicKey(ReadOnlySpan<byte> seed)
    {
        var key = Load(seed);
        try
        {
            var octets = new byte[32];
            nuint length = 32;
            return EVP_PKEY_get_raw_public_key(key, ref octets[0], ref length) == 1 && length == 32 ? octets : throw Refused();
        }
        finally
        {
            EVP_PKEY_free(key);
        }
    }

    /// <exception cref="CryptographicException">OpenSSL 3 is missing or refuses.</exception>
    public static byte[] Sign(ReadOnlySpan<byte> seed, ReadOnlySpan<byte> data)
    {
        var key = Load(seed);
        var context = EVP_MD_CTX_new();
        try
        {
            var signature = new byte[SignatureLength];
            nuint length = SignatureLength;
            return context != 0 && EVP_DigestSignInit(context, 0, 0, 0, key) == 1
                && EVP_DigestSign(context, ref signature[0], ref length, ref MemoryMarshal.GetReference(data), (nuint)data.Length) == 1
                && length == SignatureLength
                    ? signature
                    : throw Refused();
        }
        finally
        {
            EVP_MD_CTX_free(context);
            EVP_PKEY_free(key);
        }
    }

    /// <summary>As OpenSSL writes it too.</summary>
    public static string ToPem(ReadOnlySpan<byte> seed) => PemEncoding.WriteString("PRIVATE KEY", [.. Pkcs8Prefix, .. seed]);

    /// <returns>Null where the text is no such key.</returns>
    public static byte[]? FromPem(string pem)
    {
        if (!PemEncoding.TryFind(pem, out var fields) || pem[fields.Label] != "PRIVATE KEY")
        {
            return null;
        }

        var octets = Convert.FromBase64String(pem[fields.Base64Data]);
        return octets.Length == Pkcs8Prefix.Length + SeedLength && octets.AsSpan().StartsWith(Pkcs8Prefix) ? octets[Pkcs8Prefix.Length..] : null;
    }

    private static nint Load(ReadOnlySpan<byte> seed)
    {
        try
        {
            var key = EVP_PKEY_new_raw_private_key(Type, 0, ref MemoryMarshal.GetReference(seed), (nuint)seed.Length);
            return key != 0 ? key : throw Refused();
        }
        catch (Exception missing) when (missing is DllNotFoundException or EntryPointNotFoundException)
        {
            throw new CryptographicException("Ed25519 needs OpenSSL 3 (libcrypto.so.3).", missing);
        }
    }

    private static CryptographicException Refused()
    {
        // What OpenSSL has to say stays in this thread's queue otherwise.
        ERR_clear_error();
        return new CryptographicException("OpenSSL refuses the Ed25519 key.");
    }

    [LibraryImport(Library)]
    private static partial nint EVP_PKEY_new_raw_private_key(int type, nint engine, ref byte key, nuint length);

    [LibraryImport(Library)]
    private static partial int EVP_PKEY_get_raw_public_key(nint key, ref byte octets, ref nuint length);

    [LibraryImport(Library)]
    private static partial void EVP_PKEY_free(nint key);

    [LibraryImport(Library)]
    private static partial nint EVP_MD_CTX_new();

    [LibraryImport(Library)]
    private static partial void EVP_MD_CTX_free(nint context);

    [LibraryImport(Library)]
    private static partial int EVP_DigestSignInit(nint context, nint keyContext, nint digest, nint engine, nint key);

    [LibraryImport(Library)]
    private static partial int EVP_DigestSign(nint context, ref byte signature, ref nuint signatureLength, ref byte data, nuint dataLength);

    [LibraryImport(Library)]
    private static partial void ERR_clear_error();
}
