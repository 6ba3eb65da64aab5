using System.Text;

namespace Belljar.Protocols.Dns;

/// <summary>
/// A domain name that fits on the wire: labels of 1–63 octets, 255 octets in all (RFC 1035, 3.1). Compared without regard to
/// the case of ASCII letters. Labels may hold any octet; <see cref="ToString"/> escapes what is not plain.
/// </summary>
public sealed class DnsName : IEquatable<DnsName>
{
    public const int LongestLabel = 63;

    /// <summary>On the wire, the octet of the root included.</summary>
    public const int LongestName = 255;

    /// <summary>Lengths and labels, ended by the zero of the root.</summary>
    private readonly byte[] _wire;

    private string? _text;

    private DnsName(byte[] wire) => _wire = wire;

    public static DnsName Root { get; } = new([0]);

    public ReadOnlySpan<byte> Wire => _wire;

    public bool IsRoot => _wire.Length == 1;

    /// <summary>
    /// Reads dotted text, with or without the last dot. Every character but the dot stands for itself and must be ASCII
    /// without controls; an international name is given in A-labels.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<char> text, out DnsName name)
    {
        name = Root;
        if (text is [.. var front, '.'])
        {
            text = front;
        }

        if (text.IsEmpty || text.Length > LongestName - 2)
        {
            return false;
        }

        var wire = new byte[text.Length + 2];
        var start = 0;
        for (var at = 0; at <= text.Length; at++)
        {
            if (at < text.Length && text[at] != '.')
            {
                if (text[at] is < ' ' or > '~')
                {
                    return false;
                }

                wire[at + 1] = (byte)text[at];
                continue;
            }

            var length = at - start;
            if (length is 0 or > LongestLabel)
            {
                return false;
            }

            wire[start] = (byte)length;
            start = at + 1;
        }

        name = new DnsName(wire);
        return true;
    }

    /// <summary>For names that the program itself writes down.</summary>
    /// <exception cref="FormatException">It is no name.</exception>
    public static DnsName Parse(string text) =>
        TryParse(text, out var name) ? name : throw new FormatException($"'{text}' is not a domain name");

    public bool Equals(DnsName? other) => other is not null && SameWire(_wire, other._wire);

    public override bool Equals(object? obj) => Equals(obj as DnsName);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var octet in _wire)
        {
            hash.Add(Lower(octet));
        }

        return hash.ToHashCode();
    }

    /// <summary>Dotted, without a last dot; the root is <c>.</c>. Dots inside labels and octets that are not visible ASCII are escaped (RFC 1035, 5.1).</summary>
    public override string ToString() => _text ??= Format();

    /// <summary>Takes ownership of octets that the reader has checked.</summary>
    internal static DnsName FromWire(byte[] wire) => new(wire);

    private static bool SameWire(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        if (left.Length != right.Length)
        {
            return false;
        }

        for (var i = 0; i < left.Length; i++)
        {
            // Lengths are at most 63 and so no letters.
            if (left[i] != right[i] && Lower(left[i]) != Lower(right[i]))
            {
                return false;
            }
        }

        return true;
    }

    private static byte Lower(byte octet) => octet is >= (byte)'A' and <= (byte)'Z' ? (byte)(octet | 0x20) : octet;

    private string Format()
    {
        if (IsRoot)
        {
            return ".";
        }

        var text = new StringBuilder(_wire.Length);
        for (var at = 0; _wire[at] != 0; at += _wire[at] + 1)
        {
            text.Append(at == 0 ? "" : ".");
            foreach (var octet in _wire.AsSpan(at + 1, _wire[at]))
            {
                switch (octet)
                {
                    case (byte)'.' or (byte)'\\':
                        text.Append('\\').Append((char)octet);
                        break;
                    case > (byte)' ' and <= (byte)'~':
                        text.Append((char)octet);
                        break;
                    default:
                        text.Append('\\').Append(octet.ToString("000"));
                        break;
                }
            }
        }

        return text.ToString();
    }
}
