using System.Text;

namespace Belljar.Mime.Headers;

/// <summary>One header field where it lies in the message. Its value is read as what it is asked for; nothing is kept.</summary>
public readonly struct HeaderField : IEquatable<HeaderField>
{
    private readonly MimeMessage _message;
    private readonly FieldSpan _span;

    internal HeaderField(MimeMessage message, FieldSpan span) => (_message, _span) = (message, span);

    /// <summary>As it is written.</summary>
    public string Name => Encoding.ASCII.GetString(_message.Raw.Span.Slice(_span.Offset, _span.NameLength));

    /// <summary>The first byte of the name, from the start of the message.</summary>
    public int Offset => _span.Offset;

    /// <summary>Bytes from the name to the end of the last line, its line end included.</summary>
    public int Length => _span.End - _span.Offset;

    /// <summary>Name, colon, value and all line ends, as they stand in the message.</summary>
    public ReadOnlyMemory<byte> Raw => _message.Raw.Slice(Offset, Length);

    /// <summary>What follows the colon, as it stands in the message, folds and last line end included.</summary>
    public ReadOnlyMemory<byte> RawValue => _message.Raw[_span.ValueOffset.._span.End];

    /// <summary>On one line, white space around it removed, encoded words left as they are.</summary>
    public string Unfolded => HeaderText.Unfold(ValueBytes);

    /// <summary>As unstructured text: on one line, white space around it removed, encoded words (RFC 2047) decoded.</summary>
    public string Text => EncodedWords.Decode(ValueBytes, _message, Offset);

    /// <summary>As a list of addresses.</summary>
    public AddressList Addresses => AddressParser.Parse(ValueBytes, _message, Offset);

    /// <summary>As a date; null where it is none.</summary>
    public DateTimeOffset? Date => DateField.TryParse(ValueBytes, out var date) ? date : null;

    /// <summary>As message ids, without the angle brackets.</summary>
    public IReadOnlyList<string> MessageIds => MessageIdField.Parse(ValueBytes);

    /// <summary>The value's bytes, as far as they are decoded.</summary>
    internal ReadOnlySpan<byte> ValueBytes
    {
        get
        {
            var length = _span.End - _span.ValueOffset;
            if (length > _message.Limits.FieldBytes)
            {
                _message.Report(MimeDefectKind.OversizedField, Offset);
                length = _message.Limits.FieldBytes;
            }

            var value = _message.Raw.Span.Slice(_span.ValueOffset, length);
            if (!System.Text.Unicode.Utf8.IsValid(value))
            {
                _message.Report(MimeDefectKind.EightBitHeader, Offset);
            }

            return value;
        }
    }

    public bool IsNamed(string name) => HeaderFields.IsNamed(_message.Raw.Span, _span, name);

    public bool Equals(HeaderField other) => ReferenceEquals(_message, other._message) && _span == other._span;

    public override bool Equals(object? obj) => obj is HeaderField other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(_message, _span);

    public static bool operator ==(HeaderField left, HeaderField right) => left.Equals(right);

    public static bool operator !=(HeaderField left, HeaderField right) => !left.Equals(right);
}
