using System.Security.Cryptography;

namespace Belljar.Mail.Authentication.Dkim;

/// <summary>A key record (RFC 6376, 3.6.1; RFC 8463, 4).</summary>
internal sealed record DkimKey(DkimKeyType Type, byte[] Octets, bool IsTesting, bool WantsSameDomain, string? Granularity, IReadOnlyList<string>? Hashes)
{
    /// <returns>Null with the reason where it is no key for mail.</returns>
    public static DkimKey? TryRead(ReadOnlySpan<byte> text, out string reason)
    {
        if (!TagList.TryParse(text, out var tags) || (tags["v"] is { } version && (version != "DKIM1" || !tags.BeginsWith("v"))))
        {
            reason = "the key record is malformed";
        }
        else if (tags["p"] is not { } key)
        {
            reason = "the key record has no p=";
        }
        else if (TagList.Compact(key).Length == 0)
        {
            reason = "the key is revoked";
        }
        else if (tags["s"] is { } services && !TagList.Items(services).Exists(service => service is "*" or "email"))
        {
            reason = "the key is not for mail";
        }
        else if ((tags["k"] ?? "rsa") is not ("rsa" or "ed25519"))
        {
            reason = "the key's type is not known";
        }
        else if (!DkimSignature.TryBase64(key, out var octets))
        {
            reason = "the key is not base64";
        }
        else
        {
            reason = "";
            var flags = TagList.Items(tags["t"] ?? "");
            return new DkimKey(
                tags["k"] == "ed25519" ? DkimKeyType.Ed25519 : DkimKeyType.Rsa, octets, flags.Contains("y"), flags.Contains("s"), tags["g"],
                tags["h"] is { } hashes ? TagList.Items(hashes) : null);
        }

        return null;
    }

    public bool AllowsHash(string hash) => Hashes is null || Hashes.Contains(hash);

    /// <summary>g= of RFC 4871: the local part that may sign, with one star. RFC 6376 dropped it.</summary>
    public bool AllowsLocalPart(string localPart)
    {
        if (Granularity is null or "*")
        {
            return true;
        }

        return Granularity.Split('*', 2) is [var start, var end]
            ? localPart.Length >= start.Length + end.Length && localPart.StartsWith(start, StringComparison.Ordinal) && localPart.EndsWith(end, StringComparison.Ordinal)
            : Granularity == localPart && localPart.Length > 0;
    }

    /// <summary>SubjectPublicKeyInfo, as everybody publishes it, or the RSAPublicKey of which the RFC speaks.</summary>
    /// <returns>Null where it is neither.</returns>
    public RSA? ToRsa()
    {
        var rsa = RSA.Create();
        try
        {
            rsa.ImportSubjectPublicKeyInfo(Octets, out _);
            return rsa;
        }
        catch (CryptographicException)
        {
        }

        try
        {
            rsa.ImportRSAPublicKey(Octets, out _);
            return rsa;
        }
        catch (CryptographicException)
        {
            rsa.Dispose();
            return null;
        }
    }
}
