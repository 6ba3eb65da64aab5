using System.Globalization;
using System.Text;
using Belljar.Mime.Encodings;

namespace Belljar.Mime.Headers;

/// <summary>
/// RFC 2231: <c>name*=charset'language'%41</c>, <c>name*0=…; name*1=…</c> and both together. Where a name stands plain and
/// extended, the extended one counts; of two plain ones the first.
/// </summary>
internal sealed class ParameterMerger
{
    private const int HighestSection = 99_999;

    private readonly OrderedDictionary<string, Entry> _entries = [];

    public void Add(string name, byte[] value)
    {
        var isExtended = name.EndsWith('*');
        var rest = isExtended ? name[..^1].TrimEnd() : name;
        var star = rest.IndexOf('*', StringComparison.Ordinal);
        var section = -1;
        if (star > 0 && int.TryParse(rest.AsSpan(star + 1).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= HighestSection)
        {
            (rest, section) = (rest[..star].TrimEnd(), number);
        }

        if (rest.Length == 0)
        {
            return;
        }

        if (!_entries.TryGetValue(rest, out var entry))
        {
            _entries.Add(rest, entry = new Entry());
        }

        if (section < 0 && !isExtended)
        {
            entry.Plain ??= value;
        }
        else
        {
            entry.Sections.TryAdd(Math.Max(section, 0), new Section(value, isExtended));
        }
    }

    public MimeParameters Merge()
    {
        if (_entries.Count == 0)
        {
            return MimeParameters.None;
        }

        var merged = new List<MimeParameter>(_entries.Count);
        foreach (var (name, entry) in _entries)
        {
            if (entry.Sections.Count > 0)
            {
                merged.Add(Extended(name, entry.Sections));
            }
            else if (entry.Plain is { Length: > 0 } plain)
            {
                // Encoded words are forbidden here (RFC 2047, 5), and common. Not in a boundary, where they would hide parts.
                merged.Add(new MimeParameter(name, name is "name" or "filename" && plain.AsSpan().IndexOf("=?"u8) >= 0 ? EncodedWords.Decode(plain) : HeaderText.Decode(plain)));
            }
        }

        return new MimeParameters(merged);
    }

    private static MimeParameter Extended(string name, SortedList<int, Section> sections)
    {
        var bytes = new List<byte>();
        string? charset = null;
        string? language = null;
        foreach (var (number, section) in sections)
        {
            var value = section.Value.AsSpan();
            if (section.IsExtended && bytes.Count == 0 && number == sections.Keys[0] && value.IndexOf((byte)'\'') is >= 0 and var first)
            {
                var second = value[(first + 1)..].IndexOf((byte)'\'');
                if (second >= 0)
                {
                    charset = Encoding.Latin1.GetString(value[..first]);
                    language = second > 0 ? HeaderText.Decode(value.Slice(first + 1, second)) : null;
                    value = value[(first + second + 2)..];
                }
            }

            AddBytes(bytes, value, section.IsExtended);
        }

        var text = charset is { Length: > 0 } ? Charsets.Decode([.. bytes], charset, out _) : HeaderText.Decode([.. bytes]);
        return new MimeParameter(name, text, language);
    }

    private static void AddBytes(List<byte> bytes, ReadOnlySpan<byte> value, bool isExtended)
    {
        for (var at = 0; at < value.Length; at++)
        {
            if (isExtended && value[at] == '%' && at + 2 < value.Length && QuotedPrintable.TryHex(value[at + 1], value[at + 2], out var octet))
            {
                bytes.Add(octet);
                at += 2;
            }
            else
            {
                bytes.Add(value[at]);
            }
        }
    }

    private sealed record Section(byte[] Value, bool IsExtended);

    private sealed class Entry
    {
        public byte[]? Plain { get; set; }

        public SortedList<int, Section> Sections { get; } = [];
    }
}
