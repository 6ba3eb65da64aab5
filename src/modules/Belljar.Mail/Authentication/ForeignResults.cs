using System.Buffers;
using System.Text;
using Belljar.Mail.Routing;

namespace Belljar.Mail.Authentication;

/// <summary>
/// Takes Authentication-Results fields out of what came that claim to be ours (RFC 8601, 5): whoever reads the stored
/// message later believes those of our name, and a sender can write anything.
/// </summary>
internal static class ForeignResults
{
    private static readonly SearchValues<char> EndOfToken = SearchValues.Create(" \t\r\n;(");

    private static ReadOnlySpan<byte> FieldName => "Authentication-Results"u8;

    /// <returns>The same memory where there is nothing to take out, which is nearly always.</returns>
    public static ReadOnlyMemory<byte> Remove(ReadOnlyMemory<byte> raw, string authservId)
    {
        ArrayBufferWriter<byte>? kept = null;
        var copied = 0;
        var bytes = raw.Span;
        for (var at = 0; at < bytes.Length;)
        {
            var end = EndOfField(bytes, at);
            if (IsEmptyLine(bytes[at..end]))
            {
                break;
            }

            if (Claims(bytes[at..end], authservId))
            {
                kept ??= new ArrayBufferWriter<byte>(bytes.Length);
                kept.Write(bytes[copied..at]);
                copied = end;
            }

            at = end;
        }

        kept?.Write(bytes[copied..]);
        return kept?.WrittenMemory ?? raw;
    }

    /// <summary>Behind the line and all lines that continue it.</summary>
    private static int EndOfField(ReadOnlySpan<byte> bytes, int at)
    {
        do
        {
            var newline = bytes[at..].IndexOf((byte)'\n');
            at = newline < 0 ? bytes.Length : at + newline + 1;
        }
        while (at < bytes.Length && bytes[at] is (byte)' ' or (byte)'\t');
        return at;
    }

    private static bool IsEmptyLine(ReadOnlySpan<byte> line) => line.TrimEnd("\r\n"u8).IsEmpty;

    private static bool Claims(ReadOnlySpan<byte> field, string authservId)
    {
        var colon = field.IndexOf((byte)':');
        if (colon < FieldName.Length || !Ascii.EqualsIgnoreCase(field[..colon].TrimEnd(" \t"u8), FieldName))
        {
            return false;
        }

        // What cannot be read may be read as ours by somebody else.
        return !TryReadId(Encoding.UTF8.GetString(field[(colon + 1)..]), out var id) || AddressPattern.Normal(id.TrimEnd('.')) == AddressPattern.Normal(authservId);
    }

    /// <summary>authserv-id = value (a token or a quoted string), comments and folds before it.</summary>
    private static bool TryReadId(string value, out string id)
    {
        id = "";
        var rest = value.AsSpan();
        if (!TrySkipComments(ref rest))
        {
            return false;
        }

        if (rest.IsEmpty || rest[0] != '"')
        {
            id = rest[..(rest.IndexOfAny(EndOfToken) is >= 0 and var end ? end : rest.Length)].ToString();
            return id.Length > 0;
        }

        var text = new StringBuilder();
        for (var i = 1; i < rest.Length; i++)
        {
            if (rest[i] == '"')
            {
                id = text.ToString();
                return true;
            }

            text.Append(rest[i] == '\\' && i + 1 < rest.Length ? rest[++i] : rest[i]);
        }

        return false;
    }

    /// <summary>White space and comments, which nest.</summary>
    private static bool TrySkipComments(ref ReadOnlySpan<char> text)
    {
        var depth = 0;
        var i = 0;
        for (; i < text.Length && (depth > 0 || text[i] is ' ' or '\t' or '\r' or '\n' or '('); i++)
        {
            depth += text[i] switch { '(' => 1, ')' => -1, _ => 0 };
            i += text[i] == '\\' ? 1 : 0;
        }

        text = depth == 0 && i <= text.Length ? text[i..] : default;
        return depth == 0;
    }
}
