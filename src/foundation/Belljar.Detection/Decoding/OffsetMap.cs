using System.Runtime.InteropServices;

namespace Belljar.Detection.Decoding;

/// <summary>Which bytes of the source a piece of decoded text came from: one entry for each place where the two drift apart.</summary>
internal sealed class OffsetMap
{
    private Entry[] _entries = new Entry[64];
    private int _count;

    public void Clear() => _count = 0;

    /// <summary>From <paramref name="decoded"/> on, the decoded text follows the source from <paramref name="source"/> on.</summary>
    public void Add(int decoded, int source, string kind)
    {
        if (_count == _entries.Length)
        {
            Array.Resize(ref _entries, 2 * _count);
        }

        _entries[_count++] = new Entry(decoded, source, kind);
    }

    /// <summary>Where the decoded byte came from.</summary>
    public int SourceOf(int decoded)
    {
        var entry = _entries[Find(decoded)];
        return entry.Source + decoded - entry.Decoded;
    }

    /// <summary>Where the source of the byte before ends: what follows it may be an escape that belongs to it.</summary>
    public int SourceEndOf(int decodedEnd)
    {
        // An escape is an entry of one decoded byte, followed by one for what comes next.
        var index = Find(decodedEnd - 1);
        var entry = _entries[index];
        return index + 1 < _count && _entries[index + 1].Decoded == decodedEnd
            ? _entries[index + 1].Source
            : entry.Source + decodedEnd - entry.Decoded;
    }

    /// <summary>The kinds of escapes between two places, for the name of the encoding; null: there were none.</summary>
    public string? Kinds(int start, int end)
    {
        string? kinds = null;
        for (var i = 0; i < _count && _entries[i].Decoded <= end; i++)
        {
            var kind = _entries[i].Kind;
            if (_entries[i].Decoded >= start && kind.Length > 0)
            {
                kinds = kinds is null ? kind : kinds.Contains(kind, StringComparison.Ordinal) ? kinds : $"{kinds}+{kind}";
            }
        }

        return kinds;
    }

    /// <summary>The last entry at or before the place. Of several at one place the last: characters that became nothing.</summary>
    private int Find(int decoded)
    {
        var (low, high) = (0, _count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (_entries[middle].Decoded <= decoded)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        return low;
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Entry(int Decoded, int Source, string Kind);
}
