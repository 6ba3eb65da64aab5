using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Belljar.Egress.Secrets;

/// <summary>
/// The ways in which one value may stand in a stream without anybody having to decode the stream: as it is, escaped,
/// percent-encoded, hexadecimal, base64 at each of its three alignments, reversed, in UTF-16.
/// </summary>
internal static class SecretForms
{
    /// <summary>A shorter form would be found everywhere.</summary>
    private const int Shortest = 6;

    /// <returns>Each form once. Of a value that is too short to be told from chance: none.</returns>
    public static IReadOnlyList<byte[]> Of(string value)
    {
        var raw = Encoding.UTF8.GetBytes(value);
        var forms = new Dictionary<string, byte[]>();
        foreach (var form in All(value, raw))
        {
            if (form.Length >= Shortest)
            {
                forms.TryAdd(Convert.ToHexString(form), form);
            }
        }

        return raw.Length < Shortest ? [] : [.. forms.Values];
    }

    private static IEnumerable<byte[]> All(string value, byte[] raw)
    {
        yield return raw;
        yield return [.. raw.Reverse()];
        yield return Ascii(JsonEncodedText.Encode(value).Value);
        yield return Ascii(value.Replace("/", "\\/"));
        yield return Ascii(Uri.EscapeDataString(value));
        yield return Ascii(string.Concat(raw.Select(octet => $"%{octet:X2}")));
        yield return Ascii(string.Concat(raw.Select(octet => $"%{octet:x2}")));
        yield return Ascii(Convert.ToHexString(raw));
        yield return Ascii(Convert.ToHexStringLower(raw));
        yield return Encoding.Unicode.GetBytes(value);
        yield return Encoding.BigEndianUnicode.GetBytes(value);
        yield return Ascii(string.Concat(value.Select(c => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"))));
        for (var alignment = 0; alignment < 3; alignment++)
        {
            var text = Base64(raw, alignment);
            yield return Ascii(text);
            yield return Ascii(text.Replace('+', '-').Replace('/', '_'));
        }
    }

    /// <summary>The digits that do not depend on what stands before and behind the value.</summary>
    private static string Base64(byte[] raw, int alignment)
    {
        var digits = Convert.ToBase64String([.. new byte[alignment], .. raw]);
        var first = alignment == 0 ? 0 : alignment + 1;
        var last = (alignment + raw.Length) * 8 / 6;
        return digits[first..last];
    }

    private static byte[] Ascii(string text) => Encoding.UTF8.GetBytes(text);
}
