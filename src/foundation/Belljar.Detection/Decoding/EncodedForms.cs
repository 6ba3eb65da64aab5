using System.Buffers.Text;
using System.Text;

namespace Belljar.Detection.Decoding;

/// <summary>
/// What a known value looks like encoded. Long values are found by decoding; short ones make runs too short to be worth that,
/// so their encoded forms are looked for themselves.
/// </summary>
internal static class EncodedForms
{
    private const int LongEnoughToDecode = 18;
    private const int ShortestForm = 7;

    public static IEnumerable<(string Encoding, byte[] Bytes)> Of(ReadOnlySpan<byte> value)
    {
        var forms = new List<(string, byte[])> { ("", value.ToArray()) };
        if (value.Length >= LongEnoughToDecode)
        {
            return forms;
        }

        forms.Add(("hex", Encoding.ASCII.GetBytes(Convert.ToHexString(value))));
        forms.Add(("hex", Encoding.ASCII.GetBytes(Convert.ToHexStringLower(value))));
        for (var before = 0; before < 3; before++)
        {
            var padded = new byte[before + value.Length];
            value.CopyTo(padded.AsSpan(before));

            // Only characters all of whose six bits belong to the value.
            var first = ((8 * before) + 5) / 6;
            var last = 8 * padded.Length / 6;
            foreach (var text in new[] { Convert.ToBase64String(padded), Base64Url.EncodeToString(padded) }.Distinct())
            {
                if (last - first >= ShortestForm)
                {
                    forms.Add(("base64", Encoding.ASCII.GetBytes(text[first..last])));
                }
            }
        }

        return forms.DistinctBy(form => Convert.ToHexString(form.Item2));
    }
}
