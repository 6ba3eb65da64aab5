using System.Collections;
using System.Text;

namespace Belljar.Mime.Headers;

/// <summary>The header fields of one message or part, in order. A view: it allocates nothing.</summary>
public readonly struct HeaderFields : IReadOnlyList<HeaderField>, IEquatable<HeaderFields>
{
    /// <summary>RFC 5322, 3.6 and RFC 2045 ff.: what may stand once at most.</summary>
    internal static readonly string[] SingleFields =
    [
        "From", "Sender", "Reply-To", "To", "Cc", "Bcc", "Date", "Subject", "Message-ID", "In-Reply-To", "References",
        "MIME-Version", "Content-Type", "Content-Transfer-Encoding", "Content-Disposition", "Content-ID",
    ];

    /// <summary>Each address field may stand once; what repeats beyond this is an attack and is not read.</summary>
    private const int MostAddressFields = 10;

    private readonly MimeMessage _message;
    private readonly int _first;

    internal HeaderFields(MimeMessage message, int first, int count) => (_message, _first, Count) = (message, first, count);

    public int Count { get; }

    public HeaderField this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
            return new HeaderField(_message, _message.Fields[_first + index]);
        }
    }

    /// <summary>The first field of that name, in any case; null where there is none.</summary>
    public HeaderField? this[string name]
    {
        get
        {
            for (var i = 0; i < Count; i++)
            {
                if (IsNamed(_message.Raw.Span, _message.Fields[_first + i], name))
                {
                    return this[i];
                }
            }

            return null;
        }
    }

    /// <summary>Every field of that name, in any case, in order.</summary>
    public IEnumerable<HeaderField> All(string name) => this.Where(field => field.IsNamed(name));

    /// <summary>The addresses of all fields of that name together, ten at most; empty where there is none.</summary>
    public AddressList Addresses(string name)
    {
        AddressList? all = null;
        var fields = 0;
        for (var i = 0; i < Count && fields < MostAddressFields; i++)
        {
            if (IsNamed(_message.Raw.Span, _message.Fields[_first + i], name))
            {
                var here = this[i].Addresses;
                all = all is null ? here : all.With(here);
                fields++;
            }
        }

        return all ?? AddressList.Empty;
    }

    public IEnumerator<HeaderField> GetEnumerator()
    {
        for (var i = 0; i < Count; i++)
        {
            yield return this[i];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public bool Equals(HeaderFields other) => ReferenceEquals(_message, other._message) && _first == other._first && Count == other.Count;

    public override bool Equals(object? obj) => obj is HeaderFields other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(_message, _first, Count);

    public static bool operator ==(HeaderFields left, HeaderFields right) => left.Equals(right);

    public static bool operator !=(HeaderFields left, HeaderFields right) => !left.Equals(right);

    internal static bool IsNamed(ReadOnlySpan<byte> bytes, FieldSpan field, string name) =>
        field.NameLength == name.Length && Ascii.EqualsIgnoreCase(bytes.Slice(field.Offset, field.NameLength), name);

    internal static bool ContainsIgnoreCase(ReadOnlySpan<byte> bytes, string word)
    {
        for (var at = 0; at + word.Length <= bytes.Length; at++)
        {
            if (Ascii.EqualsIgnoreCase(bytes.Slice(at, word.Length), word))
            {
                return true;
            }
        }

        return false;
    }
}
