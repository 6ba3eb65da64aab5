using System.Diagnostics.CodeAnalysis;
using System.Text.Unicode;

namespace Belljar.Toml;

/// <summary>
/// One pass over the bytes, by recursive descent. Every <c>Read…</c> answers false after it has set <see cref="_error"/>;
/// the recursion is bounded by <see cref="TomlLimits.Depth"/>. This part holds the lines of a document: headers and key/value pairs.
/// </summary>
internal ref partial struct TomlParser
{
    private const byte End = 0;

    private readonly ReadOnlySpan<byte> _bytes;
    private readonly TomlLimits _limits;
    private readonly List<(string Name, int At)> _key = [];
    private LineCounter _lines;
    private int _at;
    private TomlError? _error;

    public TomlParser(ReadOnlySpan<byte> bytes, TomlLimits limits)
    {
        _bytes = bytes;
        _limits = limits;
        _lines = new LineCounter(bytes);
    }

    /// <summary>The byte at hand; NUL at the end of the input (in the input itself NUL is refused wherever it stands).</summary>
    private readonly byte Current => _at < _bytes.Length ? _bytes[_at] : End;

    private readonly bool AtEnd => _at >= _bytes.Length;

    public bool TryParse([NotNullWhen(true)] out TomlTable? root, [NotNullWhen(false)] out TomlError? error)
    {
        var table = new TomlTable { Position = new TomlPosition(1, 1) };
        var parsed = CheckBytes() && ReadLines(table);
        root = parsed ? table : null;
        error = parsed ? null : _error;
        return parsed;
    }

    private bool CheckBytes()
    {
        if (_bytes.Length > _limits.Bytes)
        {
            return Fail(0, $"the document is longer than {_limits.Bytes} bytes");
        }

        if (!Utf8.IsValid(_bytes))
        {
            return Fail(FirstInvalidByte(_bytes), "not UTF-8");
        }

        if (_bytes.StartsWith("\uFEFF"u8))
        {
            _at = 3;
        }

        return true;
    }

    private static int FirstInvalidByte(ReadOnlySpan<byte> bytes)
    {
        var at = 0;
        while (System.Text.Rune.DecodeFromUtf8(bytes[at..], out _, out var length) == System.Buffers.OperationStatus.Done)
        {
            at += length;
        }

        return at;
    }

    private bool ReadLines(TomlTable root)
    {
        var (table, depth) = (root, 0);
        while (!AtEnd)
        {
            SkipSpaces();
            var read = Current switch
            {
                (byte)'\n' or (byte)'\r' or (byte)'#' or End => true,
                (byte)'[' => ReadHeader(root, ref table, ref depth),
                _ => ReadPair(table, depth),
            };
            if (!read || !ReadEndOfLine())
            {
                return false;
            }
        }

        return true;
    }

    private bool ReadHeader(TomlTable root, ref TomlTable table, ref int depth)
    {
        var start = _at;
        _at++;
        var isArray = Current == '[';
        _at += isArray ? 1 : 0;
        if (!ReadKey())
        {
            return false;
        }

        if (Current != ']' || (isArray && (_at + 1 >= _bytes.Length || _bytes[_at + 1] != ']')))
        {
            return FailHere(isArray ? "expected ']]' at the end of the header" : "expected ']' at the end of the header");
        }

        _at += isArray ? 2 : 1;
        depth = _key.Count + (isArray ? 1 : 0);
        return CheckDepth(depth, start) && EnterParents(root, out table) && (isArray ? Append(ref table, start) : Define(ref table, start));
    }

    /// <summary>Walks all but the last part of a header's key, making tables that are only named in passing.</summary>
    private bool EnterParents(TomlTable root, out TomlTable table)
    {
        table = root;
        for (var i = 0; i < _key.Count - 1; i++)
        {
            var (name, at) = _key[i];
            switch (table[name])
            {
                case null:
                    var implied = new TomlTable { Origin = TableOrigin.Implied, Position = _lines.Find(at) };
                    table.Add(name, implied);
                    table = implied;
                    break;
                case TomlTable { Origin: not TableOrigin.Inline } next:
                    table = next;
                    break;
                case TomlArray { IsOpen: true } array:
                    table = (TomlTable)array[^1];
                    break;
                default:
                    return Fail(at, $"'{Shown(name)}' is not a table that a header can extend");
            }
        }

        return true;
    }

    private bool Define(ref TomlTable table, int start)
    {
        var (name, at) = _key[^1];
        switch (table[name])
        {
            case null:
                var made = new TomlTable { Origin = TableOrigin.Header, Position = _lines.Find(start) };
                table.Add(name, made);
                table = made;
                return true;
            case TomlTable { Origin: TableOrigin.Implied } implied:
                implied.Origin = TableOrigin.Header;
                implied.Position = _lines.Find(start);
                table = implied;
                return true;
            default:
                return Fail(at, $"'{Shown(name)}' is defined already");
        }
    }

    private bool Append(ref TomlTable table, int start)
    {
        var (name, at) = _key[^1];
        var made = new TomlTable { Origin = TableOrigin.Header, Position = _lines.Find(start) };
        switch (table[name])
        {
            case null:
                table.Add(name, new TomlArray(made) { IsOpen = true, Position = made.Position });
                break;
            case TomlArray { IsOpen: true } array:
                array.Add(made);
                break;
            default:
                return Fail(at, $"'{Shown(name)}' is defined already, and not as an array of tables");
        }

        table = made;
        return true;
    }

    private bool ReadPair(TomlTable table, int depth)
    {
        if (!ReadKey())
        {
            return false;
        }

        if (Current != '=')
        {
            return FailHere("expected '=' after the key");
        }

        var parts = _key.Count;
        if (!CheckDepth(depth + parts - 1, _at) || !EnterDotted(ref table))
        {
            return false;
        }

        var (name, at) = _key[^1];
        if (table.ContainsKey(name))
        {
            return Fail(at, $"'{Shown(name)}' is defined already");
        }

        _at++;
        SkipSpaces();
        if (!ReadValue(depth + parts, out var value))
        {
            return false;
        }

        table.Add(name, value);
        return true;
    }

    /// <summary>Walks all but the last part of a dotted key: only tables that dotted keys made are open to it.</summary>
    private bool EnterDotted(ref TomlTable table)
    {
        for (var i = 0; i < _key.Count - 1; i++)
        {
            var (name, at) = _key[i];
            switch (table[name])
            {
                case null:
                    var made = new TomlTable { Origin = TableOrigin.DottedKey, Position = _lines.Find(at) };
                    table.Add(name, made);
                    table = made;
                    break;
                case TomlTable { Origin: TableOrigin.DottedKey } next:
                    table = next;
                    break;
                default:
                    return Fail(at, $"'{Shown(name)}' is defined already, and not by dotted keys");
            }
        }

        return true;
    }
}
