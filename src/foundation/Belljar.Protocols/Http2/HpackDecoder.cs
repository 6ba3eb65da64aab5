using System.Buffers;

namespace Belljar.Protocols.Http2;

/// <summary>
/// Decodes field sections (RFC 7541). One for each connection, because the table outlives the section; after a failure the
/// table is not the peer's any more, and the connection must end.
/// </summary>
public sealed class HpackDecoder
{
    private const int MostResizes = 2; // RFC 7541 §4.2

    private readonly HpackTable _table = new();
    private readonly ArrayBufferWriter<byte> _name = new(64);
    private readonly ArrayBufferWriter<byte> _value = new(256);

    /// <param name="block">Whole: of HEADERS and all its CONTINUATIONs.</param>
    /// <returns>False when it is malformed.</returns>
    public bool TryDecode(ReadOnlySpan<byte> block, FieldSection section)
    {
        var (resizes, hasFields) = (0, false);
        while (!block.IsEmpty)
        {
            var first = block[0];
            if ((first & 0xe0) == 0x20)
            {
                if (hasFields || ++resizes > MostResizes || !TryInteger(ref block, 5, out var most) || !_table.TryResize(most))
                {
                    return false;
                }

                continue;
            }

            hasFields = true;
            if (!((first & 0x80) != 0 ? TryIndexed(ref block, section) : TryLiteral(ref block, section)))
            {
                return false;
            }
        }

        return true;
    }

    private bool TryIndexed(ref ReadOnlySpan<byte> block, FieldSection section)
    {
        if (!TryInteger(ref block, 7, out var number) || !_table.TryGet(number, out var entry))
        {
            return false;
        }

        section.Add(entry.Name, entry.Value);
        return true;
    }

    private bool TryLiteral(ref ReadOnlySpan<byte> block, FieldSection section)
    {
        var isAdded = (block[0] & 0xc0) == 0x40;
        if (!TryInteger(ref block, isAdded ? 6 : 4, out var number))
        {
            return false;
        }

        (byte[] Name, byte[] Value) entry = default;
        if (number > 0 ? !_table.TryGet(number, out entry) : !TryString(ref block, _name))
        {
            return false;
        }

        if (!TryString(ref block, _value))
        {
            return false;
        }

        var name = number > 0 ? entry.Name : _name.WrittenSpan;
        section.Add(name, _value.WrittenSpan);
        if (isAdded)
        {
            _table.Add(name, _value.WrittenSpan);
        }

        return true;
    }

    private static bool TryString(ref ReadOnlySpan<byte> block, ArrayBufferWriter<byte> text)
    {
        text.ResetWrittenCount();
        if (block.IsEmpty)
        {
            return false;
        }

        var isCoded = (block[0] & 0x80) != 0;
        if (!TryInteger(ref block, 7, out var length) || length > block.Length)
        {
            return false;
        }

        var raw = block[..length];
        block = block[length..];
        if (isCoded)
        {
            return Huffman.TryDecode(raw, text);
        }

        text.Write(raw);
        return true;
    }

    /// <summary>RFC 7541 §5.1; no number here is longer than three bytes behind its prefix.</summary>
    private static bool TryInteger(ref ReadOnlySpan<byte> block, int prefix, out int value)
    {
        var most = (1 << prefix) - 1;
        value = block[0] & most;
        block = block[1..];
        if (value < most)
        {
            return true;
        }

        for (var shift = 0; shift <= 14; shift += 7)
        {
            if (block.IsEmpty)
            {
                return false;
            }

            var octet = block[0];
            block = block[1..];
            value += (octet & 0x7f) << shift;
            if (octet < 0x80)
            {
                return true;
            }
        }

        return false;
    }
}
