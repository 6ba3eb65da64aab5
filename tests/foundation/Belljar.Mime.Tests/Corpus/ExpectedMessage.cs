using System.Text;
using System.Text.Json;
using Belljar.Mime.Headers;

namespace Belljar.Mime.Tests.Corpus;

/// <summary>Compares a parsed message with the corpus's description of it. Each difference is a line of text.</summary>
internal sealed class ExpectedMessage(string name, bool withOffsets)
{
    public List<string> Differences { get; } = [];

    public int Parts { get; private set; }

    public int Fields { get; private set; }

    public void Compare(MimeMessage message, JsonElement expected, int shift = 0, string path = "")
    {
        var parts = message.Parts.ToList();
        var wanted = expected.GetProperty("parts");
        if (Check(parts.Count == wanted.GetArrayLength(), path, $"{wanted.GetArrayLength()} parts, found {parts.Count}"))
        {
            for (var i = 0; i < parts.Count; i++)
            {
                ComparePart(parts, i, wanted[i], shift, $"{path}/{i}");
            }
        }

        CompareIndices(parts, message.TextParts, expected.GetProperty("text_body"), path + " text_body");
        CompareIndices(parts, message.HtmlParts, expected.GetProperty("html_body"), path + " html_body");
        CompareIndices(parts, [.. message.Attachments.Select(attachment => attachment.Part)], expected.GetProperty("attachments"), path + " attachments");
    }

    private void ComparePart(List<MimePart> parts, int index, JsonElement expected, int shift, string path)
    {
        var part = parts[index];
        Parts++;
        if (withOffsets)
        {
            var actual = (part.HeaderOffset + shift, part.BodyOffset + shift, part.End + shift);
            var offsets = (Int(expected, "offset_header"), Int(expected, "offset_body"), Int(expected, "offset_end"));
            Check(actual == offsets, path, $"offsets {offsets}, found {actual}");
        }

        CompareFields(part, expected.GetProperty("headers"), shift, path);
        var body = expected.GetProperty("body").EnumerateObject().Single();
        switch (body.Name)
        {
            case "Multipart":
                CompareIndices(parts, part.Children, body.Value, path + " children");
                break;
            case "Message":
                CompareEmbedded(part, body.Value, shift, path);
                break;
            case "Text" or "Html" when !expected.GetProperty("is_encoding_problem").GetBoolean():
                var text = body.Value.GetString()!.ReplaceLineEndings("\n");
                Check(part.GetText() == text, path, $"text {JsonSerializer.Serialize(text)}, found {JsonSerializer.Serialize(part.GetText())}");
                break;
            case "Binary" or "InlineBinary" when !expected.GetProperty("is_encoding_problem").GetBoolean():
                var bytes = body.Value.EnumerateArray().Select(value => value.GetByte()).ToArray();
                Check(part.DecodeContent().Span.SequenceEqual(bytes), path, $"{bytes.Length} bytes {Encoding.Latin1.GetString(bytes)}, found {part.DecodeContent().Length}");
                break;
            default:
                break;
        }
    }

    private void CompareEmbedded(MimePart part, JsonElement expected, int shift, string path)
    {
        if (Check(part.EmbeddedMessage is not null, path, "an embedded message"))
        {
            // Bytes that had to be decoded first have offsets of their own.
            var isView = part.EmbeddedMessage!.Raw.Equals(part.RawBody);
            Compare(part.EmbeddedMessage, expected, isView ? shift + part.BodyOffset : 0, path);
        }
    }

    private void CompareFields(MimePart part, JsonElement expected, int shift, string path)
    {
        if (!Check(part.Headers.Count == expected.GetArrayLength(), path, $"{expected.GetArrayLength()} fields, found {part.Headers.Count}"))
        {
            return;
        }

        foreach (var (field, wanted) in part.Headers.Zip(expected.EnumerateArray()))
        {
            Fields++;
            var fieldName = field.Name.Replace('-', '_').ToLowerInvariant();
            Check(fieldName == wanted.GetProperty("name").GetString(), path, $"field {wanted.GetProperty("name")}, found {fieldName}");
            if (withOffsets)
            {
                var actual = (field.Offset + shift, field.Offset + field.Length - field.RawValue.Length + shift, field.Offset + field.Length + shift);
                var offsets = (Int(wanted, "offset_field"), Int(wanted, "offset_start"), Int(wanted, "offset_end"));
                Check(actual == offsets, path, $"{fieldName} at {offsets}, found {actual}");
            }

            var difference = ExpectedField.Difference(field, wanted.GetProperty("value"));
            Check(difference is null, path, $"{fieldName}: {difference}");
        }
    }

    private void CompareIndices(List<MimePart> all, IReadOnlyList<MimePart> actual, JsonElement expected, string path)
    {
        var found = string.Join(',', actual.Select(part => all.IndexOf(part)));
        var wanted = string.Join(',', expected.EnumerateArray().Select(item => item.GetInt32()));
        Check(found == wanted, path, $"[{wanted}], found [{found}]");
    }

    private bool Check(bool agrees, string path, string what)
    {
        if (!agrees)
        {
            Differences.Add($"{name}{path}: {what}");
        }

        return agrees;
    }

    private static int Int(JsonElement element, string property) => element.GetProperty(property).GetInt32();
}
