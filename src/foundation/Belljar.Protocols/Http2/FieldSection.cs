using System.Runtime.InteropServices;
using Belljar.Protocols.Http1;

namespace Belljar.Protocols.Http2;

/// <summary>One field of a section. Valid until the section is read anew.</summary>
public readonly ref struct SectionField(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
{
    /// <summary>As sent, with the colon of a pseudo-header. Nothing about it was checked.</summary>
    public ReadOnlySpan<byte> Name { get; } = name;

    public ReadOnlySpan<byte> Value { get; } = value;

    public bool IsPseudo => Name is [(byte)':', ..];
}

/// <summary>
/// The fields of a HEADERS frame, decoded. Bounded: what is over the bound is counted and not kept, because the decoder's
/// table must follow the peer's to the end of the block all the same.
/// </summary>
public sealed class FieldSection(Http1Limits limits)
{
    private readonly List<Line> _lines = [];
    private byte[] _bytes = new byte[1024];
    private int _length;

    public int Count => _lines.Count;

    /// <summary>More fields, or longer ones, than are read.</summary>
    public bool IsTooLarge { get; private set; }

    public SectionField this[int index]
    {
        get
        {
            var line = _lines[index];
            return new SectionField(_bytes.AsSpan(line.Start, line.Name), _bytes.AsSpan(line.Start + line.Name, line.Value));
        }
    }

    public void Clear()
    {
        _lines.Clear();
        (_length, IsTooLarge) = (0, false);
    }

    public void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        IsTooLarge |= _lines.Count == limits.MostFields || _length + name.Length + value.Length > limits.LongestHead;
        if (IsTooLarge)
        {
            return;
        }

        if (_length + name.Length + value.Length > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(_length + name.Length + value.Length, _bytes.Length * 2));
        }

        name.CopyTo(_bytes.AsSpan(_length));
        value.CopyTo(_bytes.AsSpan(_length + name.Length));
        _lines.Add(new Line(_length, name.Length, value.Length));
        _length += name.Length + value.Length;
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Line(int Start, int Name, int Value);
}
