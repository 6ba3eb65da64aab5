using System.Buffers;
using Belljar.Mime.Headers;

namespace Belljar.Mime;

/// <summary>
/// Finds fields and parts. A multipart's extent is always known before it is split, so an outer boundary ends whatever stands
/// inside it, complete or not; the price is one more look at the bytes for each level, of which there are few.
/// </summary>
internal ref struct MimeParser(MimeMessage message, ReadOnlySpan<byte> bytes, MimeLimits limits)
{
    private readonly MimeMessage _message = message;
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private readonly MimeLimits _limits = limits;
    private FieldSpan[] _fields = ArrayPool<FieldSpan>.Shared.Rent(64);
    private int _fieldCount;
    private int _partCount;

    public MimePart Parse(int depth, out FieldSpan[] fields)
    {
        CheckLines();
        var root = ParsePart(null, 0, _bytes.Length, depth, isDigest: false);
        fields = _fields.AsSpan(0, _fieldCount).ToArray();
        ArrayPool<FieldSpan>.Shared.Return(_fields);
        CheckSingleFields(fields.AsSpan(0, root.FieldCount));
        return root;
    }

    private readonly void CheckLines()
    {
        var nul = _bytes.IndexOf((byte)0);
        if (nul >= 0)
        {
            _message.Report(MimeDefectKind.NulByte, nul);
        }

        for (var at = 0; at < _bytes.Length; at++)
        {
            var next = _bytes[at..].IndexOf((byte)'\n');
            if (next < 0)
            {
                return;
            }

            at += next;
            if (at == 0 || _bytes[at - 1] != '\r')
            {
                _message.Report(MimeDefectKind.BareLineFeed, at);
                return;
            }
        }
    }

    private MimePart ParsePart(MimePart? parent, int start, int end, int depth, bool isDigest)
    {
        _partCount++;
        var firstField = _fieldCount;
        var bodyOffset = ParseHeader(start, end, isTop: parent is null);
        var part = new MimePart(_message, parent, firstField, _fieldCount - firstField, start, bodyOffset, end, isDigest);
        var typeField = FindContentType(firstField);
        if (typeField < 0 || !IsMultipart(_fields[typeField]))
        {
            return part;
        }

        // The header's fields are not in the message yet, so the type is read from here.
        var type = ContentType.Read(Value(_fields[typeField]));
        part.SetContentType(type);
        if (depth >= _limits.Depth)
        {
            _message.Report(MimeDefectKind.TooDeep, start);
        }
        else if (type.Boundary is not { Length: > 0 } boundary)
        {
            _message.Report(MimeDefectKind.MissingBoundary, start);
            part.SetContentType(ContentType.Default);
        }
        else
        {
            ParseMultipart(part, boundary, depth + 1, type.Subtype == "digest");
        }

        return part;
    }

    private void ParseMultipart(MimePart part, byte[] boundary, int depth, bool isDigest)
    {
        var delimiters = new DelimiterReader(_bytes[..part.End], part.BodyOffset, boundary);
        if (!delimiters.TryNext(out var delimiter))
        {
            _message.Report(MimeDefectKind.BoundaryNotFound, part.HeaderOffset);
            part.SetContentType(ContentType.Default);
            return;
        }

        part.Preamble = part.BodyOffset..delimiter.Before;
        while (!delimiter.IsFinal)
        {
            var start = delimiter.After;
            var found = delimiters.TryNext(out delimiter);
            if (_partCount >= _limits.Parts)
            {
                _message.Report(MimeDefectKind.TooManyParts, start);
                part.Add(ParsePart(part, start, part.End, _limits.Depth, isDigest));
                return;
            }

            // Before may lie in front of the start: two delimiters one after the other share a line end.
            var end = found ? Math.Max(start, delimiter.Before) : part.End;
            part.Add(ParsePart(part, start, end, depth, isDigest));
            if (!found)
            {
                _message.Report(MimeDefectKind.MissingFinalBoundary, part.End);
                return;
            }
        }

        part.Epilogue = delimiter.After..part.End;
        if (delimiters.TryNext(out var late))
        {
            _message.Report(MimeDefectKind.PartsAfterFinalBoundary, late.Before);
        }
    }

    /// <summary>Lists the fields from <paramref name="at"/> on; gives the offset at which the body begins.</summary>
    private int ParseHeader(int at, int end, bool isTop)
    {
        var first = _fieldCount;
        var start = at;
        var hasField = false;
        while (at < end)
        {
            var newline = _bytes[at..end].IndexOf((byte)'\n');
            var lineEnd = newline < 0 ? end : at + newline + 1;
            var line = _bytes[at..lineEnd];
            if (line is [(byte)'\n', ..] or [(byte)'\r', (byte)'\n', ..])
            {
                return lineEnd;
            }

            if (line[0] is (byte)' ' or (byte)'\t' && hasField)
            {
                if (_fieldCount > first)
                {
                    _fields[_fieldCount - 1] = _fields[_fieldCount - 1] with { End = lineEnd };
                }
            }
            else if (TryName(line, out var nameLength, out var colon))
            {
                hasField = true;
                AddField(new FieldSpan(at, nameLength, at + colon + 1, lineEnd));
            }
            else if (isTop && at == 0 && line.StartsWith("From "u8))
            {
                _message.Report(MimeDefectKind.MboxFromLine, at);
            }
            else if (!hasField)
            {
                _message.Report(MimeDefectKind.MissingHeader, start);
                return at;
            }
            else
            {
                // The header ends at the empty line and nowhere else, as for DKIM and for the next server.
                _message.Report(MimeDefectKind.InvalidHeaderLine, at);
            }

            at = lineEnd;
        }

        _message.Report(MimeDefectKind.MissingBody, end);
        return end;
    }

    private void AddField(FieldSpan field)
    {
        if (_fieldCount >= _limits.Fields)
        {
            _message.Report(MimeDefectKind.TooManyFields, field.Offset);
            return;
        }

        if (_fieldCount == _fields.Length)
        {
            var larger = ArrayPool<FieldSpan>.Shared.Rent(_fieldCount * 2);
            _fields.CopyTo(larger, 0);
            ArrayPool<FieldSpan>.Shared.Return(_fields);
            _fields = larger;
        }

        _fields[_fieldCount++] = field;
    }

    /// <summary>RFC 5322, 2.2: printable ASCII but the colon; 4.5 allows white space before the colon.</summary>
    private static bool TryName(ReadOnlySpan<byte> line, out int nameLength, out int colon)
    {
        nameLength = line.IndexOfAnyExceptInRange((byte)'!', (byte)'~');
        nameLength = nameLength < 0 ? line.Length : nameLength;
        colon = line[..nameLength].IndexOf((byte)':');
        if (colon >= 0)
        {
            nameLength = colon;
            return colon > 0;
        }

        colon = nameLength;
        while (colon < line.Length && line[colon] is (byte)' ' or (byte)'\t')
        {
            colon++;
        }

        return nameLength > 0 && colon < line.Length && line[colon] == ':';
    }

    private readonly int FindContentType(int firstField)
    {
        for (var i = firstField; i < _fieldCount; i++)
        {
            if (HeaderFields.IsNamed(_bytes, _fields[i], "Content-Type"))
            {
                return i;
            }
        }

        return -1;
    }

    private readonly ReadOnlySpan<byte> Value(FieldSpan field) =>
        _bytes.Slice(field.ValueOffset, Math.Min(field.End - field.ValueOffset, _limits.FieldBytes));

    /// <summary>Whether the word "multipart" stands before the first slash: a cheap test that is true for every multipart.</summary>
    private readonly bool IsMultipart(FieldSpan field)
    {
        var value = Value(field);
        var slash = value.IndexOf((byte)'/');
        return slash >= 9 && HeaderFields.ContainsIgnoreCase(value[..slash], "multipart");
    }

    private readonly void CheckSingleFields(Span<FieldSpan> fields)
    {
        foreach (var name in HeaderFields.SingleFields)
        {
            var seen = 0;
            foreach (ref readonly var field in fields)
            {
                if (HeaderFields.IsNamed(_bytes, field, name) && ++seen == 2)
                {
                    _message.Report(MimeDefectKind.DuplicateField, field.Offset);
                }
            }
        }
    }
}
