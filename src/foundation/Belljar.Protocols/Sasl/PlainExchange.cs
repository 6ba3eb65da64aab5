using System.Text;
using System.Text.Unicode;

namespace Belljar.Protocols.Sasl;

/// <summary>PLAIN (RFC 4616): <c>[authzid] NUL authcid NUL passwd</c>. Only where nobody can listen.</summary>
public sealed class PlainExchange(ISaslCredentials credentials) : ISaslExchange
{
    public const string Mechanism = "PLAIN";

    private const int LongestMessage = 1024;

    public SaslStep Respond(ReadOnlySpan<byte> message)
    {
        if (message.Length > LongestMessage || !Utf8.IsValid(message)
            || Encoding.UTF8.GetString(message).Split('\0') is not [var actsFor, { Length: > 0 } name, { Length: > 0 } password]
            || (actsFor.Length > 0 && actsFor != name))
        {
            return SaslStep.Failed;
        }

        // Computed for nobody too: the time that it takes tells nothing.
        var known = credentials.Find(name);
        var fits = known.Verifier.Matches(password);
        return fits && known.Identity is { } identity ? SaslStep.Done(identity) : SaslStep.Failed;
    }
}
