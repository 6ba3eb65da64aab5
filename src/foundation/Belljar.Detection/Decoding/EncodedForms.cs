using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Belljar.Detection.Decoding;

/// <summary>
/// What a known value looks like encoded, for those who look for it without decoding what they look through. Forms that mix
/// escapes and plain text are not among them: those only decoding finds.
/// </summary>
public static class EncodedForms
{
    /// <summary>Longer ones make runs that are worth decoding.</summary>
    private const int LongEnoughToDecode = 18;
    private const int ShortestForm = 7;

    /// <param name="value">UTF-8.</param>
    /// <returns>The value itself first; each form once.</returns>
    public static IReadOnlyList<EncodedForm> Of(ReadOnlySpan<byte> value)
    {
        var raw = value.ToArray();
        var text = Encoding.UTF8.GetString(value);
        return Distinct(
        [
            .. InEveryScan(raw),
            .. Undelimited(raw),
            new("escapes", Encoding.UTF8.GetBytes(JsonEncodedText.Encode(text).Value)),
            new("escapes", Encoding.UTF8.GetBytes(text.Replace("/", "\\/", StringComparison.Ordinal))),
            new("escapes", Encoding.ASCII.GetBytes(string.Concat(text.Select(c => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"))))),
            new("percent", Encoding.ASCII.GetBytes(Uri.EscapeDataString(text))),
            new("percent", Encoding.ASCII.GetBytes(string.Concat(raw.Select(octet => $"%{octet:X2}")))),
            new("percent", Encoding.ASCII.GetBytes(string.Concat(raw.Select(octet => $"%{octet:x2}")))),
            new("utf-16", Encoding.Unicode.GetBytes(text)),
            new("utf-16", Encoding.BigEndianUnicode.GetBytes(text)),
        ]);
    }

    /// <summary>
    /// What a scan that decodes has to look for besides: what no decoder undoes, and encodings of a value so short that the run
    /// is not worth decoding.
    /// </summary>
    internal static IReadOnlyList<EncodedForm> ForDecodingScan(ReadOnlySpan<byte> value)
    {
        var raw = value.ToArray();
        return Distinct(raw.Length >= LongEnoughToDecode ? [.. InEveryScan(raw)] : [.. InEveryScan(raw), .. Undelimited(raw).Where(form => form.Bytes.Length >= ShortestForm)]);
    }

    private static IEnumerable<EncodedForm> InEveryScan(byte[] raw) => [new("", raw), new("reversed", raw.AsEnumerable().Reverse().ToArray())];

    /// <summary>Encodings in which nothing shows where the value begins.</summary>
    private static IEnumerable<EncodedForm> Undelimited(byte[] raw)
    {
        yield return new("hex", Encoding.ASCII.GetBytes(Convert.ToHexString(raw)));
        yield return new("hex", Encoding.ASCII.GetBytes(Convert.ToHexStringLower(raw)));
        for (var before = 0; before < 3; before++)
        {
            byte[] padded = [.. new byte[before], .. raw];

            // Only characters all of whose six bits belong to the value.
            var first = ((8 * before) + 5) / 6;
            var last = 8 * padded.Length / 6;
            yield return new("base64", Encoding.ASCII.GetBytes(Convert.ToBase64String(padded)[first..last]));
            yield return new("base64", Encoding.ASCII.GetBytes(Base64Url.EncodeToString(padded)[first..last]));
        }
    }

    private static EncodedForm[] Distinct(IEnumerable<EncodedForm> forms) => [.. forms.DistinctBy(form => Convert.ToHexString(form.Bytes.Span))];
}

/// <param name="Encoding">As findings spell it; empty: the value itself.</param>
public sealed record EncodedForm(string Encoding, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>Never the bytes.</summary>
    public override string ToString() => Encoding.Length == 0 ? "plain" : Encoding;
}
