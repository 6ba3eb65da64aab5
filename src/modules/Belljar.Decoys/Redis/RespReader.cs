using System.Buffers.Text;
using System.Text;

namespace Belljar.Decoys.Redis;

/// <summary>Reads what a client asks, as Redis does: arrays of bulk strings, or a line of words.</summary>
internal static class RespReader
{
    /// <summary>PROTO_INLINE_MAX_SIZE: of a line that has no end.</summary>
    private const int LongestLine = 64 * 1024;

    /// <summary>proto-max-bulk-len; what is announced above this is refused, what is announced below it may still be too much for us.</summary>
    private const long LargestBulk = 512L << 20;

    /// <summary>Of one whole command. The genuine one would read on; here the connection ends.</summary>
    private const int LargestCommand = 1 << 20;

    private const int MostUnauthenticatedWords = 10;
    private const int LargestUnauthenticatedBulk = 16384;

    /// <summary>Takes one command from the beginning of what is unread.</summary>
    public static RespCommand Read(ReadOnlySpan<byte> unread, bool isAuthenticated)
    {
        var command = unread[0] == '*' ? ReadArray(unread, isAuthenticated) : ReadLine(unread);
        return command.Consumed == 0 && unread.Length > LargestCommand ? RespCommand.Refused(null) : command;
    }

    private static RespCommand ReadArray(ReadOnlySpan<byte> unread, bool isAuthenticated)
    {
        if (!TryLine(unread, out var header))
        {
            return unread.Length > LongestLine ? RespCommand.Refused("too big mbulk count string") : RespCommand.Incomplete;
        }

        if (!TryNumber(unread[1..header], out var count) || count > int.MaxValue)
        {
            return RespCommand.Refused("invalid multibulk length");
        }

        if (!isAuthenticated && count > MostUnauthenticatedWords)
        {
            return RespCommand.Refused("unauthenticated multibulk length");
        }

        var at = header + 2;
        var words = new List<string>();
        for (var i = 0L; i < count; i++)
        {
            var rest = unread[at..];
            if (!TryLine(rest, out var end))
            {
                return rest.Length > LongestLine ? RespCommand.Refused("too big bulk count string") : RespCommand.Incomplete;
            }

            if (rest[0] != '$')
            {
                return RespCommand.Refused($"expected '$', got '{(char)rest[0]}'");
            }

            if (!TryNumber(rest[1..end], out var length) || length is < 0 or > LargestBulk)
            {
                return RespCommand.Refused("invalid bulk length");
            }

            if (!isAuthenticated && length > LargestUnauthenticatedBulk)
            {
                return RespCommand.Refused("unauthenticated bulk length");
            }

            if (rest.Length - end - 2 < length + 2)
            {
                return RespCommand.Incomplete;
            }

            words.Add(Encoding.Latin1.GetString(rest.Slice(end + 2, (int)length)));
            at += end + 2 + (int)length + 2;
        }

        return new RespCommand(at, words, null);
    }

    /// <summary>A line ends at its CR, and the byte behind that is taken to be LF unseen.</summary>
    private static bool TryLine(ReadOnlySpan<byte> unread, out int end)
    {
        end = unread.IndexOf((byte)'\r');
        return end >= 0 && end + 1 < unread.Length;
    }

    /// <summary>Digits without a leading zero, and perhaps a minus before them.</summary>
    private static bool TryNumber(ReadOnlySpan<byte> text, out long number)
    {
        var digits = text is [(byte)'-', ..] ? text[1..] : text;
        number = 0;
        return digits is [>= (byte)'1' and <= (byte)'9', ..] or [(byte)'0'] && Utf8Parser.TryParse(text, out number, out var used) && used == text.Length;
    }

    private static RespCommand ReadLine(ReadOnlySpan<byte> unread)
    {
        // The genuine one looks for the end as for one of a C string: behind a NUL there is nothing.
        var lf = unread.IndexOfAny((byte)'\n', (byte)0);
        if (lf < 0 || unread[lf] == 0)
        {
            return unread.Length > LongestLine ? RespCommand.Refused("too big inline request") : RespCommand.Incomplete;
        }

        var line = unread[..(lf > 0 && unread[lf - 1] == '\r' ? lf - 1 : lf)];
        return InlineWords.TrySplit(Encoding.Latin1.GetString(line), out var words)
            ? new RespCommand(lf + 1, words, null)
            : RespCommand.Refused("unbalanced quotes in request");
    }
}

/// <param name="Consumed">Nothing where more is needed.</param>
/// <param name="Words">None is no command, and gets no answer.</param>
/// <param name="Fault">What is wrong with the protocol; the connection ends.</param>
internal sealed record RespCommand(int Consumed, IReadOnlyList<string> Words, string? Fault, bool IsRefused = false)
{
    public static readonly RespCommand Incomplete = new(0, [], null);

    public static RespCommand Refused(string? fault) => new(0, [], fault, IsRefused: true);
}
