using System.Text;

namespace Belljar.Decoys.Http;

/// <summary>
/// What had arrived behind the line for which a request was refused. The product never looks at it; the record does,
/// because there the visitor's name and his payload stand.
/// </summary>
internal sealed record Leftovers(IReadOnlyList<HeaderLine> Fields, string? Body)
{
    public static readonly Leftovers None = new([], null);

    private const int MostFields = 64;
    private const int MostBody = 4096;

    public static Leftovers Of(ReadOnlySpan<byte> unread)
    {
        var fields = new List<HeaderLine>();
        while (fields.Count < MostFields && unread.IndexOf((byte)'\n') is >= 0 and var lf)
        {
            var line = Encoding.Latin1.GetString(unread[..lf]).TrimEnd('\r');
            var colon = line.IndexOf(':');
            if (line.Length > 0 && colon < 1)
            {
                break;
            }

            unread = unread[(lf + 1)..];
            if (line.Length == 0)
            {
                break;
            }

            fields.Add(new HeaderLine(line[..colon], line[(colon + 1)..].Trim(), IsIgnored: true));
        }

        unread = unread[..Math.Min(unread.Length, MostBody)];
        return new Leftovers(fields, unread.IsEmpty ? null : Encoding.Latin1.GetString(unread));
    }
}
