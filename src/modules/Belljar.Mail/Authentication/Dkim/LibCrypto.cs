using System.Runtime.InteropServices;

namespace Belljar.Mail.Authentication.Dkim;

/// <summary>Ed25519 (RFC 8032), which .NET does not have, from the OpenSSL that .NET on Linux uses.</summary>
internal static partial class LibCrypto
{
    private const string Library = "libcrypto.so.3";

    /// <summary>NID_ED25519.</summary>
    private const int Ed25519 = 1087;

    /// <returns>Null where this machine has no OpenSSL 3.</returns>
    /// <param name="key">32 octets.</param>
    public static bool? VerifyEd25519(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        try
        {
            return Verify(key, data, signature);
        }
        catch (DllNotFoundException)
        {
            return null;
        }
        catch (EntryPointNotFoundException)
        {
            return null;
        }
    }

    private static bool Verify(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        if (key.Length != 32 || signature.Length != 64)
        {
            return false;
        }

        var publicKey = EVP_PKEY_new_raw_public_key(Ed25519, 0, ref MemoryMarshal.GetReference(key), (nuint)key.Length);
        var context = EVP_MD_CTX_new();
        try
        {
            return publicKey != 0 && context != 0
                && EVP_DigestVerifyInit(context, 0, 0, 0, publicKey) == 1
                && EVP_DigestVerify(
                    context, ref MemoryMarshal.GetReference(signature), (nuint)signature.Length, ref MemoryMarshal.GetReference(data), (nuint)data.Length) == 1;
        }
        finally
        {
            EVP_MD_CTX_free(context);
            EVP_PKEY_free(publicKey);

            // What OpenSSL has to say about a bad key stays in this thread's queue otherwise.
            ERR_clear_error();
        }
    }

    [LibraryImport(Library)]
    private static partial nint EVP_PKEY_new_raw_public_key(int type, nint engine, ref byte key, nuint length);

    [LibraryImport(Library)]
    private static partial void EVP_PKEY_free(nint key);

    [LibraryImport(Library)]
    private static partial nint EVP_MD_CTX_new();

    [LibraryImport(Library)]
    private static partial void EVP_MD_CTX_free(nint context);

    [LibraryImport(Library)]
    private static partial int EVP_DigestVerifyInit(nint context, nint keyContext, nint digest, nint engine, nint key);

    [LibraryImport(Library)]
    private static partial int EVP_DigestVerify(nint context, ref byte signature, nuint signatureLength, ref byte data, nuint dataLength);

    [LibraryImport(Library)]
    private static partial void ERR_clear_error();
}
