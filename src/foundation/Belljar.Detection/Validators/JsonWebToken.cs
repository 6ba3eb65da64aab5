using System.Buffers.Text;
using System.Text.Json;

namespace Belljar.Detection.Validators;

/// <summary>RFC 7519 in RFC 7515's compact form: three parts, of which the first two are JSON and the first names an algorithm.</summary>
internal static class JsonWebToken
{
    private const int Longest = 8192;

    public static bool IsValid(ReadOnlySpan<byte> secret)
    {
        var first = secret.IndexOf((byte)'.');
        if (first < 0 || secret.Length > Longest)
        {
            return false;
        }

        var second = secret[(first + 1)..].IndexOf((byte)'.');
        return second > 0 && HasAlgorithm(secret[..first]) && IsObject(secret.Slice(first + 1, second));
    }

    private static bool HasAlgorithm(ReadOnlySpan<byte> part) =>
        Parse(part) is { RootElement.ValueKind: JsonValueKind.Object } header && header.RootElement.TryGetProperty("alg", out _);

    private static bool IsObject(ReadOnlySpan<byte> part) => Parse(part) is { RootElement.ValueKind: JsonValueKind.Object };

    private static JsonDocument? Parse(ReadOnlySpan<byte> part)
    {
        part = part.TrimEnd((byte)'=');
        var json = new byte[Base64Url.GetMaxDecodedLength(part.Length)];
        if (!Base64Url.IsValid(part) || !Base64Url.TryDecodeFromUtf8(part, json, out var length))
        {
            return null;
        }

        var reader = new Utf8JsonReader(json.AsSpan(0, length), new JsonReaderOptions { MaxDepth = 32 });
        try
        {
            return JsonDocument.TryParseValue(ref reader, out var document) ? document : null;
        }
        catch (JsonException)
        {
            return null; // Its Try form throws for what is malformed and returns false only for what is cut off.
        }
    }
}
