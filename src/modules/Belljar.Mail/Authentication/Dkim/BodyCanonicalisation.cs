namespace Belljar.Mail.Authentication.Dkim;

/// <summary>RFC 6376, 3.4.3 and 3.4.4, as a stream: nothing of the body is copied but short pieces. Only CRLF ends a line.</summary>
internal static class BodyCanonicalisation
{
    private static ReadOnlySpan<byte> CrLf => "\r\n"u8;

    /// <summary>Empty lines at the end are dropped; the rest, even of an empty body, ends in one CRLF.</summary>
    public static void WriteSimple(ReadOnlySpan<byte> body, HashWriter output)
    {
        while (body.EndsWith(CrLf))
        {
            body = body[..^2];
        }

        output.Write(body);
        output.Write(CrLf);
    }

    /// <summary>White space becomes one space, none at the end of a line; empty lines at the end are dropped; an empty body is nothing.</summary>
    public static void WriteRelaxed(ReadOnlySpan<byte> body, HashWriter output)
    {
        var emptyLines = 0L;
        while (!body.IsEmpty)
        {
            var end = body.IndexOf(CrLf);
            var line = end < 0 ? body : body[..end];
            body = end < 0 ? [] : body[(end + 2)..];
            line = line.TrimEnd(" \t"u8);
            if (line.IsEmpty)
            {
                emptyLines++;
                continue;
            }

            for (; emptyLines > 0; emptyLines--)
            {
                output.Write(CrLf);
            }

            WriteReduced(line, output);
            output.Write(CrLf);
        }
    }

    /// <summary>Every run of white space as one space.</summary>
    public static void WriteReduced(ReadOnlySpan<byte> text, HashWriter output)
    {
        while (text.IndexOfAny((byte)' ', (byte)'\t') is >= 0 and var at)
        {
            var rest = text[at..].TrimStart(" \t"u8);
            if (text[at] == ' ' && rest.Length == text.Length - at - 1)
            {
                output.Write(text[..(at + 1)]);
            }
            else
            {
                output.Write(text[..at]);
                output.Write(" "u8);
            }

            text = rest;
        }

        output.Write(text);
    }
}
