using System.Security.Cryptography;
using System.Text;

namespace Belljar.Protocols.Tests.Sasl;

/// <summary>The client's side, written from the RFC's formulas.</summary>
internal sealed class ScramClient(string user, string password, string gs2 = "n,,", byte[]? binding = null, string nonce = "rOprNGfwEbeRWgbNEkqO")
{
    private string Bare => $"n={user},r={nonce}";

    public string First => gs2 + Bare;

    public string Final(string serverFirst)
    {
        var parts = serverFirst.Split(',').ToDictionary(part => part[0], part => part[2..]);
        var salted = Rfc2898DeriveBytes.Pbkdf2(password, Convert.FromBase64String(parts['s']), int.Parse(parts['i']), HashAlgorithmName.SHA256, 32);
        var clientKey = HMACSHA256.HashData(salted, "Client Key"u8);
        var channel = Convert.ToBase64String([.. Encoding.UTF8.GetBytes(gs2), .. binding ?? []]);
        var withoutProof = $"c={channel},r={parts['r']}";
        var signature = HMACSHA256.HashData(SHA256.HashData(clientKey), Encoding.UTF8.GetBytes($"{Bare},{serverFirst},{withoutProof}"));
        return $"{withoutProof},p={Convert.ToBase64String([.. clientKey.Zip(signature, (key, mask) => (byte)(key ^ mask))])}";
    }
}
