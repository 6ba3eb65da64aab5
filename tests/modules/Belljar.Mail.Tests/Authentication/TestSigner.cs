using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Belljar.Mail.Tests.Authentication;

/// <summary>Signs in the plainest way that the RFC can be written down (regular expressions on Latin-1 text): another reading than the verifier's.</summary>
internal sealed partial class TestSigner : IDisposable
{
    private readonly RSA _rsa;

    public TestSigner(int bits) => _rsa = RSA.Create(bits);

    public string KeyRecord => $"v=DKIM1; k=rsa; p={Convert.ToBase64String(_rsa.ExportSubjectPublicKeyInfo())}";

    /// <param name="message">Characters up to U+00FF are octets.</param>
    /// <param name="tags">More tags, each with its semicolon.</param>
    public string Sign(string message, string domain, string names = "from:to:subject", string canonicalisation = "relaxed/relaxed", string tags = "", string selector = "s")
    {
        var split = message.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        var (header, body) = (message[..(split + 2)], message[(split + 4)..]);
        var modes = canonicalisation.Split('/');
        var bodyHash = SHA256.HashData(Encoding.Latin1.GetBytes(modes[1] == "relaxed" ? RelaxedBody(body) : SimpleBody(body)));
        var field = $"DKIM-Signature: v=1; a=rsa-sha256; c={canonicalisation}; d={domain}; s={selector};{tags}\r\n\th={names};\r\n\tbh={Convert.ToBase64String(bodyHash)};\r\n\tb=";
        var left = Fields().Matches(header).Select(match => match.Value).Reverse().ToList();
        var signed = new StringBuilder();
        foreach (var name in names.Split(':'))
        {
            var index = left.FindIndex(text => text.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase));
            if (index >= 0)
            {
                signed.Append(modes[0] == "relaxed" ? RelaxedField(left[index]) + "\r\n" : left[index]);
                left.RemoveAt(index);
            }
        }

        signed.Append(modes[0] == "relaxed" ? RelaxedField(field) : field);
        var signature = _rsa.SignData(Encoding.Latin1.GetBytes(signed.ToString()), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return $"{field}{Convert.ToBase64String(signature)}\r\n{message}";
    }

    public void Dispose() => _rsa.Dispose();

    private static string SimpleBody(string body) => LastEmptyLines().Replace(body, "") + "\r\n";

    private static string RelaxedBody(string body)
    {
        var lines = body.Split("\r\n").Select(line => Spaces().Replace(line, " ").TrimEnd(' '));
        var text = LastEmptyLines().Replace(string.Join("\r\n", lines), "");
        return text.Length == 0 ? "" : text + "\r\n";
    }

    private static string RelaxedField(string field)
    {
        var colon = field.IndexOf(':');
        var value = Spaces().Replace(field[(colon + 1)..].Replace("\r\n", ""), " ").Trim(' ');
        return field[..colon].TrimEnd(' ', '\t').ToLowerInvariant() + ":" + value;
    }

    [GeneratedRegex("[^\r\n]+\r\n(?:[ \t][^\r\n]*\r\n)*", RegexOptions.None, 1000)]
    private static partial Regex Fields();

    [GeneratedRegex("[ \t]+", RegexOptions.None, 1000)]
    private static partial Regex Spaces();

    [GeneratedRegex("(\r\n)*$", RegexOptions.None, 1000)]
    private static partial Regex LastEmptyLines();
}
