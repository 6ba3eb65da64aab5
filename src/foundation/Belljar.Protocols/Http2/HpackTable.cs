using System.Text;

namespace Belljar.Protocols.Http2;

/// <summary>The names and values that have a number from the start (RFC 7541, appendix A), and those that the peer has added.</summary>
internal sealed class HpackTable
{
    /// <summary>SETTINGS_HEADER_TABLE_SIZE, left at its first value.</summary>
    public const int MostBytes = 4096;

    private const int EntryOverhead = 32; // RFC 7541 §4.1

    private static readonly (byte[] Name, byte[] Value)[] Static =
    [
        .. new[]
        {
            ":authority", ":method GET", ":method POST", ":path /", ":path /index.html", ":scheme http", ":scheme https",
            ":status 200", ":status 204", ":status 206", ":status 304", ":status 400", ":status 404", ":status 500",
            "accept-charset", "accept-encoding gzip, deflate", "accept-language", "accept-ranges", "accept",
            "access-control-allow-origin", "age", "allow", "authorization", "cache-control", "content-disposition",
            "content-encoding", "content-language", "content-length", "content-location", "content-range", "content-type",
            "cookie", "date", "etag", "expect", "expires", "from", "host", "if-match", "if-modified-since", "if-none-match",
            "if-range", "if-unmodified-since", "last-modified", "link", "location", "max-forwards", "proxy-authenticate",
            "proxy-authorization", "range", "referer", "refresh", "retry-after", "server", "set-cookie",
            "strict-transport-security", "transfer-encoding", "user-agent", "vary", "via", "www-authenticate",
        }.Select(entry => entry.Split(' ', 2)).Select(entry => (Encoding.ASCII.GetBytes(entry[0]), entry.Length == 2 ? Encoding.ASCII.GetBytes(entry[1]) : [])),
    ];

    // A ring: the oldest entry stands at _oldest.
    private readonly (byte[] Name, byte[] Value)[] _dynamic = new (byte[], byte[])[MostBytes / EntryOverhead];
    private int _oldest;
    private int _count;
    private int _bytes;
    private int _most = MostBytes;

    /// <summary>The number of a name that has one from the start; 0 when it has none.</summary>
    public static int NumberOf(ReadOnlySpan<byte> lowerCaseName)
    {
        for (var i = 0; i < Static.Length; i++)
        {
            if (lowerCaseName.SequenceEqual(Static[i].Name))
            {
                return i + 1;
            }
        }

        return 0;
    }

    /// <param name="number">From the peer: any.</param>
    public bool TryGet(int number, out (byte[] Name, byte[] Value) entry)
    {
        entry = default;
        if (number < 1 || number > Static.Length + _count)
        {
            return false;
        }

        // The newest has the lowest number.
        entry = number <= Static.Length ? Static[number - 1] : _dynamic[(_oldest + _count - (number - Static.Length)) % _dynamic.Length];
        return true;
    }

    public void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        var size = name.Length + value.Length + EntryOverhead;
        Shrink(_most - size);
        if (size <= _most)
        {
            _dynamic[(_oldest + _count++) % _dynamic.Length] = (name.ToArray(), value.ToArray());
            _bytes += size;
        }
    }

    /// <returns>False when it is more than we allow (RFC 7541 §6.3).</returns>
    public bool TryResize(int most)
    {
        if (most > MostBytes)
        {
            return false;
        }

        _most = most;
        Shrink(most);
        return true;
    }

    private void Shrink(int most)
    {
        while (_bytes > Math.Max(most, 0))
        {
            var (name, value) = _dynamic[_oldest];
            _bytes -= name.Length + value.Length + EntryOverhead;
            (_oldest, _count) = ((_oldest + 1) % _dynamic.Length, _count - 1);
        }
    }
}
