using System.Runtime.InteropServices;
using System.Text;

namespace Belljar.Protocols.Http1;

/// <summary>One field line. Valid until its message is read anew.</summary>
public readonly ref struct Field(KnownField known, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
{
    public KnownField Known { get; } = known;

    /// <summary>A token, in the case in which it was sent.</summary>
    public ReadOnlySpan<byte> Name { get; } = name;

    /// <summary>Without white space around it; no control bytes but HTAB. May hold bytes beyond ASCII.</summary>
    public ReadOnlySpan<byte> Value { get; } = value;

    public bool IsNamed(ReadOnlySpan<byte> lowerCaseName) => Ascii.EqualsIgnoreCase(Name, lowerCaseName);
}

/// <summary>The fields of a head or trailer section, in the order received. Kept from message to message.</summary>
public sealed class FieldList
{
    private readonly HeadLines _lines;
    private readonly int _most;
    private Line[] _fields = new Line[16];

    internal FieldList(HeadLines lines, int most)
    {
        _lines = lines;
        _most = most;
    }

    public int Count { get; private set; }

    public Field this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
            var line = _fields[index];
            return new Field(line.Known, _lines[line.NameStart, line.NameLength], _lines[line.ValueStart, line.ValueLength]);
        }
    }

    public Enumerator GetEnumerator() => new(this);

    /// <summary>How many field lines have this name.</summary>
    public int CountOf(KnownField known)
    {
        var count = 0;
        for (var i = 0; i < Count; i++)
        {
            count += _fields[i].Known == known ? 1 : 0;
        }

        return count;
    }

    /// <summary>The first field line of this name.</summary>
    public bool TryGet(KnownField known, out Field field)
    {
        for (var i = 0; i < Count; i++)
        {
            if (_fields[i].Known == known)
            {
                field = this[i];
                return true;
            }
        }

        field = default;
        return false;
    }

    /// <inheritdoc cref="TryGet(KnownField, out Field)"/>
    public bool TryGet(ReadOnlySpan<byte> lowerCaseName, out Field field)
    {
        foreach (var candidate in this)
        {
            if (candidate.IsNamed(lowerCaseName))
            {
                field = candidate;
                return true;
            }
        }

        field = default;
        return false;
    }

    internal void Clear() => Count = 0;

    /// <summary>RFC 9112 §5: <c>field-line = field-name ":" OWS field-value OWS</c>; nothing else.</summary>
    internal Http1Refusal Add(int start, int length)
    {
        var line = _lines[start, length];
        if (line[0] is (byte)' ' or (byte)'\t')
        {
            return Http1Refusal.ObsoleteFolding;
        }

        if (Count == _most)
        {
            return Http1Refusal.TooManyFields;
        }

        var colon = line.IndexOf((byte)':');
        if (colon < 0)
        {
            return Http1Refusal.FieldNameMalformed;
        }

        var name = line[..colon];
        if (!Octets.IsToken(name))
        {
            return name is [.., (byte)' ' or (byte)'\t'] ? Http1Refusal.SpaceBeforeColon : Http1Refusal.FieldNameMalformed;
        }

        if (KnownFields.IsLookalike(name))
        {
            return Http1Refusal.FieldLookalike;
        }

        var value = line[(colon + 1)..];
        var trimmed = value.TrimStart(" \t"u8);
        var valueStart = start + length - trimmed.Length;
        if (Count == _fields.Length)
        {
            Array.Resize(ref _fields, _fields.Length * 2);
        }

        _fields[Count++] = new Line(KnownFields.Of(name), start, colon, valueStart, trimmed.TrimEnd(" \t"u8).Length);
        return Http1Refusal.None;
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Line(KnownField Known, int NameStart, int NameLength, int ValueStart, int ValueLength);

    public ref struct Enumerator(FieldList list)
    {
        private int _index = -1;

        public readonly Field Current => list[_index];

        public bool MoveNext() => ++_index < list.Count;
    }
}
