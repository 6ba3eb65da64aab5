namespace Belljar.Mime.Headers;

/// <summary>Message-ID, In-Reply-To, References, Content-ID (RFC 5322, 3.6.4).</summary>
internal static class MessageIdField
{
    private const int Most = 1000;

    /// <summary>The ids without brackets, comments and white space (RFC 5322, 4.5.4). Without any brackets each word is taken as one.</summary>
    public static IReadOnlyList<string> Parse(ReadOnlySpan<byte> value)
    {
        var ids = new List<string>();
        value = value.Trim(" \t\r\n"u8);
        if (!value.Contains((byte)'<'))
        {
            foreach (var word in value.SplitAny(" \t\r\n"u8))
            {
                Add(ids, value[word]);
            }

            return ids;
        }

        while (value.IndexOf((byte)'<') is >= 0 and var open && ids.Count < Most)
        {
            value = value[(open + 1)..];
            var close = value.IndexOf((byte)'>');
            Add(ids, close < 0 ? value : value[..close]);
            value = close < 0 ? default : value[(close + 1)..];
        }

        return ids;
    }

    private static void Add(List<string> ids, ReadOnlySpan<byte> raw)
    {
        if (ids.Count >= Most || raw.IsEmpty)
        {
            return;
        }

        var kept = new List<byte>(raw.Length);
        var depth = 0;
        foreach (var octet in raw)
        {
            depth += octet == '(' ? 1 : 0;
            if (depth == 0 && octet is not ((byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n'))
            {
                kept.Add(octet);
            }

            depth -= octet == ')' && depth > 0 ? 1 : 0;
        }

        if (kept.Count > 0)
        {
            ids.Add(HeaderText.Decode([.. kept]));
        }
    }
}
