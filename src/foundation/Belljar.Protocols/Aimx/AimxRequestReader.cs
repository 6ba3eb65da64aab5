using System.Globalization;
using System.Text;

namespace Belljar.Protocols.Aimx;

public enum AimxReadStatus
{
    /// <summary>All input is taken: read more.</summary>
    Incomplete,

    /// <summary><see cref="AimxRequestReader.Request"/> is there, and its body follows.</summary>
    Complete,

    /// <summary><see cref="AimxRequestReader.Error"/> says why. What follows is to be read and thrown away before closing.</summary>
    Refused,
}

/// <summary>
/// Reads the head of one AIMX/1 request: <c>AIMX/1 VERB</c>, fields as <c>Name: value</c>, an empty line. Lines end in LF or
/// CR LF and hold at most 8,192 octets. What the answer is never depends on how the bytes were cut.
/// </summary>
public sealed class AimxRequestReader
{
    private const int LongestLine = 8192;
    private const int MostFields = 64;
    private static readonly byte[] Version = "AIMX/1 "u8.ToArray();
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly Dictionary<AimxField, string> _fields = [];
    private byte[] _line = new byte[256];
    private int _length;
    private int _lines;
    private AimxVerb? _verb;

    /// <summary>The request, once it is complete.</summary>
    public AimxRequest? Request { get; private set; }

    /// <summary>What was wrong, once it is refused.</summary>
    public AimxError? Error { get; private set; }

    /// <param name="consumed">How much of the input belongs to the head.</param>
    public AimxReadStatus Read(ReadOnlySpan<byte> input, out int consumed)
    {
        consumed = 0;
        while (Request is null && Error is null)
        {
            var rest = input[consumed..];
            var end = rest.IndexOf((byte)'\n');
            var taken = end < 0 ? rest.Length : end;
            if (_length + taken > LongestLine)
            {
                Refuse(AimxErrorCode.Malformed, $"a line is longer than {LongestLine} octets");
                break;
            }

            Append(rest[..taken]);
            consumed += end < 0 ? taken : taken + 1;
            if (end < 0)
            {
                return AimxReadStatus.Incomplete;
            }

            var line = _line.AsSpan(0, _length);
            TakeLine(line is [.. var text, (byte)'\r'] ? text : line);
            _length = 0;
        }

        return Request is null ? AimxReadStatus.Refused : AimxReadStatus.Complete;
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        if (_length + bytes.Length > _line.Length)
        {
            Array.Resize(ref _line, Math.Min(LongestLine, Math.Max(_length + bytes.Length, _line.Length * 2)));
        }

        bytes.CopyTo(_line.AsSpan(_length));
        _length += bytes.Length;
    }

    private void TakeLine(ReadOnlySpan<byte> line)
    {
        if (!TryText(line, out var text))
        {
            Refuse(AimxErrorCode.Malformed, "a line holds control characters or is not UTF-8");
        }
        else if (_verb is null)
        {
            TakeVerb(line, text);
        }
        else if (text.Length == 0)
        {
            Finish(_verb.Value);
        }
        else
        {
            TakeField(text);
        }
    }

    private void TakeVerb(ReadOnlySpan<byte> line, string text)
    {
        if (!line.StartsWith(Version))
        {
            Refuse(AimxErrorCode.Malformed, "the first line is not 'AIMX/1 VERB'");
            return;
        }

        var word = text[Version.Length..];
        _verb = AimxWords.Verb(word);
        if (_verb is null)
        {
            Refuse(AimxErrorCode.Protocol, $"unknown verb '{word}'");
        }
    }

    private void TakeField(string line)
    {
        var colon = line.IndexOf(':');
        var name = colon < 0 ? "" : line[..colon];
        if (name.Length == 0 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
        {
            Refuse(AimxErrorCode.Malformed, "a line is not 'Name: value'");
        }
        else if (++_lines > MostFields)
        {
            Refuse(AimxErrorCode.Malformed, $"more than {MostFields} fields");
        }
        else if (AimxWords.Field(name) is { } field && !_fields.TryAdd(field, line[(colon + 1)..].Trim(' ', '\t')))
        {
            Refuse(AimxErrorCode.Malformed, $"{field.Word()} stands twice");
        }
    }

    private void Finish(AimxVerb verb)
    {
        foreach (var required in AimxWords.Required(verb))
        {
            // No labels at all is something to ask for.
            if (!_fields.TryGetValue(required, out var value) || (value.Length == 0 && required is not AimxField.Labels))
            {
                Refuse(AimxErrorCode.Malformed, $"{verb.Word()} needs {required.Word()}");
                return;
            }
        }

        if (!TryLength(AimxField.ContentLength, out var content) || !TryLength(AimxField.HtmlBodyLength, out var html) || !HasAllowedValues())
        {
            return;
        }

        if (!AimxWords.TakesBody(verb) && content is > 0)
        {
            Refuse(AimxErrorCode.Malformed, $"{verb.Word()} has no body");
        }
        else if (verb is not AimxVerb.Send && html is not null)
        {
            Refuse(AimxErrorCode.Malformed, $"{verb.Word()} has no HTML");
        }
        else if (html is not null && _fields.GetValueOrDefault(AimxField.TextOnly) is "true")
        {
            Refuse(AimxErrorCode.Malformed, "Text-Only and Html-Body-Length exclude each other");
        }
        else if ((content ?? 0L) + (html ?? 0L) > AimxRequest.LargestBody)
        {
            Refuse(AimxErrorCode.BodyTooLarge, $"a body may have {AimxRequest.LargestBody} octets");
        }
        else
        {
            Request = new AimxRequest(verb, _fields, content ?? 0, html);
        }
    }

    private bool HasAllowedValues() =>
        Allows(AimxField.Folder, "inbox", "sent")
        && Allows(AimxField.Event, "on_receive", "after_send")
        && Allows(AimxField.TextOnly, "true", "false")
        && Allows(AimxField.Wait, "true", "false")
        && Allows(AimxField.Force, "true", "false");

    private bool Allows(AimxField field, string first, string second)
    {
        if (_fields.TryGetValue(field, out var value) && value != first && value != second)
        {
            Refuse(AimxErrorCode.Malformed, $"{field.Word()} is '{first}' or '{second}'");
            return false;
        }

        return true;
    }

    private bool TryLength(AimxField field, out int? length)
    {
        length = null;
        if (!_fields.TryGetValue(field, out var text))
        {
            return true;
        }

        if (text.Length == 0 || !text.All(char.IsAsciiDigit))
        {
            Refuse(AimxErrorCode.Malformed, $"{field.Word()} is not a number of octets");
            return false;
        }

        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) || value > AimxRequest.LargestBody)
        {
            Refuse(AimxErrorCode.BodyTooLarge, $"a body may have {AimxRequest.LargestBody} octets");
            return false;
        }

        length = value;
        return true;
    }

    /// <summary>A tab is the only control character that a line may hold.</summary>
    private static bool TryText(ReadOnlySpan<byte> line, out string text)
    {
        text = "";
        foreach (var octet in line)
        {
            if ((octet < ' ' && octet != '\t') || octet == 0x7f)
            {
                return false;
            }
        }

        try
        {
            text = StrictUtf8.GetString(line);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }

    private void Refuse(AimxErrorCode code, string reason) => Error = new AimxError(code, reason);
}
