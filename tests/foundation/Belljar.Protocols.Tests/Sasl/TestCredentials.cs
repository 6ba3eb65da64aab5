using System.Text;
using Belljar.Protocols.Sasl;

namespace Belljar.Protocols.Tests.Sasl;

/// <summary>One user: <c>user</c>, whose password is <c>pencil</c>, with the salt of RFC 7677, 3.</summary>
internal sealed class TestCredentials : ISaslCredentials
{
    public static readonly byte[] Salt = Convert.FromBase64String("W22ZaJ0SNY7soEsUEjb6gQ==");

    private static readonly ScramVerifier Verifier = ScramVerifier.Of("pencil", Salt, 4096);

    public SaslCredential Find(string name) =>
        name is "user" or "a,b=c" ? new SaslCredential(name, Verifier) : new SaslCredential(null, ScramVerifier.OfNobody(Encoding.UTF8.GetBytes("salt of " + name), 4096));
}
