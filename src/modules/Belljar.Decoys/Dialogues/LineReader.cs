using System.Text;

namespace Belljar.Decoys.Dialogues;

/// <summary>Lines that end with LF, a CR before it taken off.</summary>
internal static class LineReader
{
    /// <param name="unread">What has arrived.</param>
    /// <param name="line">Latin-1: one character for each byte.</param>
    /// <param name="consumed">With its end.</param>
    public static bool TryRead(ReadOnlySpan<byte> unread, out string line, out int consumed)
    {
        var lf = unread.IndexOf((byte)'\n');
        consumed = lf + 1;
        line = lf < 0 ? "" : Encoding.Latin1.GetString(unread[..(lf > 0 && unread[lf - 1] == '\r' ? lf - 1 : lf)]);
        return lf >= 0;
    }
}
