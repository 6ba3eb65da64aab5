using System.Buffers;

namespace Belljar.Mail.Outgoing;

/// <summary>Brings a message into the lines in which it travels.</summary>
internal static class SmtpLines
{
    /// <summary>RFC 5321 §4.5.3.1.6, without the line end.</summary>
    private const int LongestLine = 998;

    private static readonly SearchValues<byte> LineEnds = SearchValues.Create("\r\n"u8);

    /// <summary>Every CR, LF and CRLF becomes CRLF, and the last line has one: a bare one would be read differently by different servers.</summary>
    public static ReadOnlyMemory<byte> Normalise(ReadOnlyMemory<byte> message)
    {
        if (IsNormal(message.Span))
        {
            return message;
        }

        var output = new ArrayBufferWriter<byte>(message.Length + 64);
        var rest = message.Span;
        while (!rest.IsEmpty)
        {
            var end = rest.IndexOfAny(LineEnds);
            output.Write(end < 0 ? rest : rest[..end]);
            output.Write("\r\n"u8);
            rest = end < 0 ? default : rest[(end + (rest[end..].StartsWith("\r\n"u8) ? 2 : 1))..];
        }

        return output.WrittenMemory;
    }

    /// <summary>What makes the message impossible to send; null for nothing.</summary>
    public static string? Problem(ReadOnlySpan<byte> normal)
    {
        if (normal.Contains((byte)0))
        {
            return "the message has a NUL octet in it; encode it as base64";
        }

        for (var line = 1; !normal.IsEmpty; line++)
        {
            var end = normal.IndexOf("\r\n"u8);
            if (end > LongestLine)
            {
                return $"line {line} is longer than {LongestLine} octets; encode the body as quoted-printable";
            }

            normal = normal[(end + 2)..];
        }

        return null;
    }

    private static bool IsNormal(ReadOnlySpan<byte> message)
    {
        if (!message.EndsWith("\r\n"u8))
        {
            return false;
        }

        while (message.IndexOfAny(LineEnds) is >= 0 and var end)
        {
            if (!message[end..].StartsWith("\r\n"u8))
            {
                return false;
            }

            message = message[(end + 2)..];
        }

        return true;
    }
}
