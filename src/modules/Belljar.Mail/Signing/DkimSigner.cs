using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Belljar.Mail.Authentication;
using Belljar.Mail.Authentication.Dkim;
using Belljar.Mime.Headers;

namespace Belljar.Mail.Signing;

/// <summary>
/// Signs a message with both keys of its domain (RFC 6376, 8463): relaxed/relaxed, the two signatures independent of each other.
/// The body is hashed once, the header once a key. What is hashed is what the verifier hashes: one code does both.
/// </summary>
internal sealed class DkimSigner(DkimKeyStore store, TimeProvider clock) : IDisposable
{
    /// <summary>Signed once more than they are there: another one added later breaks the signature (RFC 6376, 8.15).</summary>
    private static readonly string[] Oversigned = ["From", "To", "Cc", "Subject", "Date", "Reply-To", "Message-ID", "Content-Type"];

    /// <summary>Signed where they are there.</summary>
    private static readonly string[] Signed =
    [
        "Sender", "In-Reply-To", "References", "MIME-Version", "Content-Transfer-Encoding", "Content-Disposition", "Auto-Submitted",
        "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "List-Post", "List-Help",
    ];

    private readonly ConcurrentDictionary<string, (DateTime Stamp, DkimKeyPair Keys)> _keys = new(StringComparer.Ordinal);

    /// <param name="domain">In A-labels, lower case.</param>
    public bool HasKey(string domain) => store.CurrentName(domain) is not null;

    /// <param name="message">With CRLF line ends.</param>
    /// <param name="domain">In A-labels, lower case.</param>
    /// <param name="problem">For the operator; null when it is signed.</param>
    /// <returns>The fields that go before the message; null when it cannot be signed.</returns>
    public byte[]? TrySign(ReadOnlyMemory<byte> message, string domain, out string? problem)
    {
        try
        {
            if (Keys(domain) is not { } keys)
            {
                problem = $"there is no DKIM key for {domain}; make one: belljar mail dkim-keygen {domain}";
                return null;
            }

            if (MessageHead.TryRead(message) is not { } head)
            {
                problem = "the message's header is too long to be signed";
                return null;
            }

            problem = null;
            return Sign(head, keys);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException or CryptographicException)
        {
            problem = $"the DKIM keys of {domain} cannot be used: {failed.Message}";
            return null;
        }
    }

    public void Dispose()
    {
        foreach (var (_, keys) in _keys.Values)
        {
            keys.Dispose();
        }
    }

    private byte[] Sign(MessageHead head, DkimKeyPair keys)
    {
        byte[] bodyHash;
        using (var body = new HashWriter(HashAlgorithmName.SHA256))
        {
            BodyCanonicalisation.WriteRelaxed(head.Body.Span, body);
            bodyHash = body.Finish();
        }

        var names = Names(head.Fields);
        var time = clock.GetUtcNow().ToUnixTimeSeconds();
        return
        [
            .. Field(head, names, bodyHash, time, keys.Domain, keys.RsaSelector, "rsa-sha256", keys.SignRsa),
            .. Field(head, names, bodyHash, time, keys.Domain, keys.Ed25519Selector, "ed25519-sha256", keys.SignEd25519),
        ];
    }

    private static byte[] Field(
        MessageHead head, List<string> names, byte[] bodyHash, long time, string domain, string selector, string algorithm, Func<byte[], byte[]> sign)
    {
        var text = new StringBuilder("DKIM-Signature: v=1; a=").Append(algorithm)
            .Append("; c=relaxed/relaxed; d=").Append(domain)
            .Append(";\r\n\ts=").Append(selector).Append("; t=").Append(time.ToString(CultureInfo.InvariantCulture))
            .Append(";\r\n\th=").Append(Folded(names))
            .Append(";\r\n\tbh=").Append(Convert.ToBase64String(bodyHash)).Append(";\r\n\tb=");

        // Read back, as whoever verifies it will.
        var unsigned = MessageHead.TryRead(Encoding.ASCII.GetBytes($"{text}\r\n\r\n"))!.Fields[0];
        using var header = new HashWriter(HashAlgorithmName.SHA256);
        HeaderCanonicalisation.Write(head.Fields, unsigned, Described(domain, selector, algorithm, names), header);
        var signature = Convert.ToBase64String(sign(header.Finish()));
        foreach (var piece in signature.Chunk(72))
        {
            text.Append(piece).Append("\r\n\t");
        }

        text.Length -= "\r\n\t".Length;
        return Encoding.ASCII.GetBytes(text.Append("\r\n").ToString());
    }

    /// <summary>What canonicalisation needs to know of the signature.</summary>
    private static DkimSignature Described(string domain, string selector, string algorithm, List<string> names) => new()
    {
        Domain = domain,
        Selector = selector,
        Identity = "@" + domain,
        Algorithm = algorithm,
        KeyType = algorithm == "rsa-sha256" ? DkimKeyType.Rsa : DkimKeyType.Ed25519,
        IsSha1 = false,
        Value = [],
        BodyHash = [],
        Names = names,
        RelaxesHeader = true,
        RelaxesBody = true,
        BodyLength = null,
        SignedAt = null,
        ExpiresAt = null,
        KeyName = Protocols.Dns.DnsName.Root,
    };

    private static List<string> Names(HeaderFields fields)
    {
        var names = new List<string>();
        foreach (var name in Oversigned)
        {
            names.AddRange(Enumerable.Repeat(name, fields.All(name).Count() + 1));
        }

        foreach (var name in Signed)
        {
            names.AddRange(Enumerable.Repeat(name, fields.All(name).Count()));
        }

        return names;
    }

    private static string Folded(List<string> names)
    {
        var text = new StringBuilder();
        var column = 0;
        foreach (var name in names)
        {
            if (text.Length > 0)
            {
                text.Append(':');
                if (column + name.Length > 68)
                {
                    text.Append("\r\n\t ");
                    column = 0;
                }
            }

            text.Append(name);
            column += name.Length + 1;
        }

        return text.ToString();
    }

    /// <summary>Kept until another pair is chosen; the old pair's last users may still be signing, so it is left to the collector.</summary>
    private DkimKeyPair? Keys(string domain)
    {
        var stamp = store.CurrentStamp(domain);
        if (_keys.TryGetValue(domain, out var known) && known.Stamp == stamp)
        {
            return known.Keys;
        }

        if (store.CurrentName(domain) is not { } name || store.Load(domain, name) is not { } keys)
        {
            return null;
        }

        _keys[domain] = (stamp, keys);
        return keys;
    }
}
