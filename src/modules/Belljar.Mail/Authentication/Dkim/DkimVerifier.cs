using System.Security.Cryptography;
using Belljar.Mime.Headers;
using Belljar.Net.Dns;
using Belljar.Protocols.Dns;

namespace Belljar.Mail.Authentication.Dkim;

/// <summary>
/// Verifies the signatures of one message (RFC 6376, 8301, 8463).
/// <code>
/// field → tags → what we accept at all → key from DNS → key allows it? → body hash (once a canonicalisation) → header hash → signature
/// </code>
/// Cheap refusals come first: nothing is hashed and nobody is asked for a signature that could not count.
/// </summary>
internal sealed class DkimVerifier(IDnsResolver dns, AuthenticationPolicy policy, TimeProvider clock)
{
    private const int MostKeyRecords = 10;

    private readonly DkimRsaKeys _keys = new();

    /// <returns>One a signature, from the top; a single <see cref="DkimVerdict.None"/> where there is none.</returns>
    public async Task<IReadOnlyList<DkimResult>> VerifyAsync(MessageHead message, CancellationToken ct)
    {
        var fields = message.Fields.All("DKIM-Signature").Take(policy.DkimSignatures + 1).ToList();

        // All keys are asked for at once: one whose server is slow takes no time from the others.
        var signatures = fields.Take(policy.DkimSignatures).Select(field => (Field: field, Read: Read(field))).ToList();
        var keys = signatures.Where(one => one.Read.Signature is not null).ToDictionary(one => one.Field.Offset, one => FetchInTimeAsync(one.Read.Signature!, ct));
        var results = new List<DkimResult>();
        var bodyHashes = new Dictionary<(bool Relaxed, bool Sha1, long? Length), (byte[] Hash, bool IsShort)>();
        foreach (var (field, (signature, result)) in signatures)
        {
            results.Add(signature is null ? result : Verify(message, field, signature, result, await keys[field.Offset], bodyHashes));
        }

        if (fields.Count > policy.DkimSignatures)
        {
            results.Add(new DkimResult(DkimVerdict.Neutral, "more signatures than are looked at"));
        }

        return results is [] ? [new DkimResult(DkimVerdict.None, "no signature")] : results;
    }

    /// <returns>The signature, where it is one that could count, and the result as far as it is known.</returns>
    private (DkimSignature? Signature, DkimResult Result) Read(HeaderField field)
    {
        if (!TagList.TryParse(field.RawValue.Span, out var tags))
        {
            return (null, new DkimResult(DkimVerdict.Neutral, "the signature is malformed"));
        }

        if (DkimSignature.TryRead(tags, policy.AcceptHistoricForms, out var mistake) is not { } signature)
        {
            return (null, new DkimResult(DkimVerdict.Neutral, mistake));
        }

        var result = new DkimResult(
            DkimVerdict.Fail, "", signature.Domain, signature.Selector, signature.Identity, signature.Algorithm, TagList.Compact(tags["b"]!) is var b && b.Length > 8 ? b[..8] : b);
        return Unacceptable(signature) is { } refusal
            ? (null, result with { Verdict = refusal.Verdict, Reason = refusal.Reason })
            : (signature, result);
    }

    private DkimResult Verify(
        MessageHead message, HeaderField field, DkimSignature signature, DkimResult result, (DkimKey? Key, (DkimVerdict Verdict, string Reason) Failure) fetched,
        Dictionary<(bool, bool, long?), (byte[], bool)> bodyHashes)
    {
        if (fetched.Key is not { } key)
        {
            return result with { Verdict = fetched.Failure.Verdict, Reason = fetched.Failure.Reason };
        }

        var outcome = Check(message, field, signature, key, bodyHashes);
        return result with { Verdict = outcome.Verdict, Reason = outcome.Reason, IsTesting = key.IsTesting };
    }

    private (DkimVerdict Verdict, string Reason)? Unacceptable(DkimSignature signature)
    {
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        return signature switch
        {
            { IsSha1: true } when !policy.AcceptSha1 => (DkimVerdict.Policy, "rsa-sha1 is not accepted"),
            { BodyLength: not null } when !policy.AcceptBodyLength => (DkimVerdict.Policy, "l= leaves the body open"),
            { ExpiresAt: { } end, SignedAt: { } start } when end < start => (DkimVerdict.Neutral, "x= is before t="),
            { ExpiresAt: { } end } when end < now => (DkimVerdict.Policy, "the signature has expired"),
            { SignedAt: { } start } when start > now + policy.ClockSkew.TotalSeconds => (DkimVerdict.Policy, "the signature is from the future"),
            _ => null,
        };
    }

    private async Task<(DkimKey? Key, (DkimVerdict Verdict, string Reason) Failure)> FetchInTimeAsync(DkimSignature signature, CancellationToken inTime)
    {
        try
        {
            return await FetchKeyAsync(signature, inTime);
        }
        catch (OperationCanceledException)
        {
            return (null, (DkimVerdict.TempError, "the key could not be fetched: it took too long"));
        }
    }

    private async Task<(DkimKey? Key, (DkimVerdict Verdict, string Reason) Failure)> FetchKeyAsync(DkimSignature signature, CancellationToken ct)
    {
        var answer = await dns.QueryAsync(signature.KeyName, DnsType.Txt, ct);
        switch (answer.Status)
        {
            case DnsStatus.TemporaryFailure:
                return (null, (DkimVerdict.TempError, $"the key could not be fetched: {answer.Reason}"));
            case not DnsStatus.Found:
                return (null, (DkimVerdict.PermError, "there is no key"));
        }

        // 3.6.2.2: one record. Texts that are no key beside it (wildcards) do not harm; two keys are a guess that we do not make.
        var reason = "there is no key";
        var keys = new List<DkimKey>();
        foreach (var text in answer.Records.Select(record => record.Data).OfType<TxtData>().Take(MostKeyRecords))
        {
            if (DkimKey.TryRead(text.Joined(), out var mistake) is { } key)
            {
                keys.Add(key);
            }
            else
            {
                reason = mistake;
            }
        }

        return keys switch
        {
            [var only] => (only, default),
            [] => (null, (DkimVerdict.PermError, reason)),
            _ => (null, (DkimVerdict.PermError, "there is more than one key")),
        };
    }

    private (DkimVerdict Verdict, string Reason) Check(
        MessageHead message, HeaderField field, DkimSignature signature, DkimKey key, Dictionary<(bool, bool, long?), (byte[], bool)> bodyHashes)
    {
        if (key.Type != signature.KeyType || !key.AllowsHash(signature.IsSha1 ? "sha1" : "sha256"))
        {
            return (DkimVerdict.PermError, "the key is not for this algorithm");
        }

        var identity = new MailAddress(null, signature.Identity);
        if (key.Type == DkimKeyType.Ed25519 && key.Octets.Length != 32)
        {
            return (DkimVerdict.PermError, "the key is not one of Ed25519");
        }

        if (key.WantsSameDomain && !DomainNames.AreSame(identity.AsciiDomain, signature.Domain))
        {
            return (DkimVerdict.PermError, "the key is for its own domain, not for those below");
        }

        if (policy.AcceptHistoricForms && !key.AllowsLocalPart(identity.LocalPart))
        {
            return (DkimVerdict.PermError, "the key is not for this local part");
        }

        var (bodyHash, isShort) = BodyHash(message, signature, bodyHashes);
        if (isShort)
        {
            return (DkimVerdict.Fail, "the body is shorter than l= says");
        }

        return CryptographicOperations.FixedTimeEquals(bodyHash, signature.BodyHash)
            ? CheckSignature(message, field, signature, key)
            : (DkimVerdict.Fail, "the body was changed");
    }

    private static (byte[] Hash, bool IsShort) BodyHash(
        MessageHead message, DkimSignature signature, Dictionary<(bool, bool, long?), (byte[], bool)> bodyHashes)
    {
        var which = (signature.RelaxesBody, signature.IsSha1, signature.BodyLength);
        if (bodyHashes.TryGetValue(which, out var known))
        {
            return known;
        }

        using var writer = new HashWriter(Algorithm(signature), signature.BodyLength ?? long.MaxValue);
        if (signature.RelaxesBody)
        {
            BodyCanonicalisation.WriteRelaxed(message.Body.Span, writer);
        }
        else
        {
            BodyCanonicalisation.WriteSimple(message.Body.Span, writer);
        }

        return bodyHashes[which] = (writer.Finish(), signature.BodyLength is not null && writer.Left > 0);
    }

    private (DkimVerdict Verdict, string Reason) CheckSignature(MessageHead message, HeaderField field, DkimSignature signature, DkimKey key)
    {
        using var writer = new HashWriter(Algorithm(signature));
        HeaderCanonicalisation.Write(message.Fields, field, signature, writer);
        var hash = writer.Finish();
        if (key.Type == DkimKeyType.Ed25519)
        {
            return LibCrypto.VerifyEd25519(key.Octets, hash, signature.Value) switch
            {
                true => (DkimVerdict.Pass, "the signature fits"),
                false => (DkimVerdict.Fail, "the signature does not fit"),
                null => (DkimVerdict.Neutral, "Ed25519 is not available on this machine"),
            };
        }

        if (_keys.Take(key) is not { } rsa)
        {
            return (DkimVerdict.PermError, "the key is not a usable one of RSA");
        }

        try
        {
            return CheckRsa(rsa, hash, signature);
        }
        finally
        {
            _keys.GiveBack(key, rsa);
        }
    }

    private (DkimVerdict Verdict, string Reason) CheckRsa(RSA rsa, byte[] hash, DkimSignature signature)
    {
        if (rsa.KeySize > policy.LargestRsaKey)
        {
            return (DkimVerdict.PermError, "the key is longer than we care to verify");
        }

        if (rsa.KeySize < policy.SmallestRsaKey)
        {
            return (DkimVerdict.Policy, $"a key of {rsa.KeySize} bits is too short");
        }

        return Fits(rsa, hash, signature) ? (DkimVerdict.Pass, "the signature fits") : (DkimVerdict.Fail, "the signature does not fit");
    }

    /// <summary>A public exponent or modulus that OpenSSL refuses is a signature that does not fit.</summary>
    private static bool Fits(RSA rsa, byte[] hash, DkimSignature signature)
    {
        try
        {
            return rsa.VerifyHash(hash, signature.Value, Algorithm(signature), RSASignaturePadding.Pkcs1);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private static HashAlgorithmName Algorithm(DkimSignature signature) => signature.IsSha1 ? HashAlgorithmName.SHA1 : HashAlgorithmName.SHA256;
}
