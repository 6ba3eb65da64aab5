using System.Globalization;

namespace Belljar.Detection.Tests.Recall;

/// <summary>Microsoft's identifiable keys: so many bytes, of which the last four are a sum and the three before them a signature.</summary>
internal static class AzureKeys
{
    private static readonly Dictionary<string, (string Signature, string[] Purposes)> Services = new()
    {
        ["ASt"] = ("+ASt", ["Default0"]),
        ["ACDb"] = ("ACDb", ["MastRW00", "MastRO00"]),
        ["ASb"] = ("+ASb", ["Send0000", "Listen00", "Manage00"]),
        ["AEh"] = ("+AEh", ["Send0000", "Listen00", "Manage00"]),
        ["AzFu"] = ("AzFu", ["Functi00", "System00", "Master00"]),
        ["AzSe"] = ("AzSe", ["Query000", "PAdmin00"]),
        ["ACR"] = ("+ACR", ["ACRDflt0"]),
    };

    /// <param name="kind">The length in bytes, and the service's letters.</param>
    public static string Make(string kind, Random random)
    {
        var length = int.Parse(kind[..2], CultureInfo.InvariantCulture);
        var (signature, purposes) = Services[kind[2..]];

        // Characters before the signature; what of the sum's first character belongs to the bytes before it is zero.
        var characters = ((length * 8) + 5) / 6;
        var alphabet = signature is "AzSe" ? Alphabets.Base62 : Alphabets.ByName["b64"];
        var text = $"{random.Pick(alphabet, characters - 10)}{signature}AAAAAA";
        var bytes = Convert.FromBase64String(text.PadRight((text.Length + 3) / 4 * 4, '='))[..length];
        var sum = Checksums.Marvin(bytes[..^4], purposes[random.Next(purposes.Length)]);
        BitConverter.TryWriteBytes(bytes.AsSpan(length - 4), sum);
        var key = Convert.ToBase64String(bytes);
        return signature switch
        {
            "AzSe" => key.Contains('+', StringComparison.Ordinal) || key.Contains('/', StringComparison.Ordinal) ? Make(kind, random) : key,
            "AzFu" => key.Replace('+', '-').Replace('/', '_'),
            _ => key,
        };
    }
}
