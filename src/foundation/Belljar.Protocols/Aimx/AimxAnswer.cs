using System.Globalization;
using System.Text;

namespace Belljar.Protocols.Aimx;

/// <summary>What a client makes of a whole answer.</summary>
/// <param name="Error">Null when it was done.</param>
/// <param name="MessageId">The Message-ID that a SEND got.</param>
/// <param name="Json">The answer of the verbs that list; empty else.</param>
public sealed record AimxAnswer(AimxError? Error, string? MessageId, ReadOnlyMemory<byte> Json)
{
    private static readonly byte[] LineEnd = "\n"u8.ToArray();

    /// <summary>Reads all that came until the server closed the connection.</summary>
    /// <param name="answer">Undefined when this is false: the server broke the protocol, or went away in the middle.</param>
    public static bool TryParse(ReadOnlyMemory<byte> bytes, AimxVerb verb, out AimxAnswer answer)
    {
        answer = new AimxAnswer(null, null, default);
        var end = bytes.Span.IndexOf(LineEnd);
        if (end < 0)
        {
            return false;
        }

        var line = Encoding.UTF8.GetString(bytes.Span[..end]).TrimEnd('\r');
        var rest = bytes[(end + 1)..];
        if (line.StartsWith("AIMX/1 ERR ", StringComparison.Ordinal))
        {
            return TryParseError(line["AIMX/1 ERR ".Length..], out answer);
        }

        if (line.StartsWith("AIMX/1 OK ", StringComparison.Ordinal))
        {
            answer = new AimxAnswer(null, line["AIMX/1 OK ".Length..], default);
            return verb is AimxVerb.Send && rest.IsEmpty && answer.MessageId!.Length > 0;
        }

        return line == "AIMX/1 OK" && verb is not AimxVerb.Send && (rest.IsEmpty || TryParseJson(rest, out answer));
    }

    private static bool TryParseError(string line, out AimxAnswer answer)
    {
        var space = line.IndexOf(' ');
        var word = space < 0 ? line : line[..space];
        var code = AimxErrorCodes.Parse(word);
        answer = new AimxAnswer(new AimxError(code ?? AimxErrorCode.Protocol, space < 0 ? word : line[(space + 1)..]), null, default);
        return code is not null;
    }

    private static bool TryParseJson(ReadOnlyMemory<byte> rest, out AimxAnswer answer)
    {
        answer = new AimxAnswer(null, null, default);
        var end = rest.Span.IndexOf("\n\n"u8);
        if (end < 0)
        {
            return false;
        }

        var field = Encoding.ASCII.GetString(rest.Span[..end]);
        const string Name = "Content-Length: ";
        if (!field.StartsWith(Name, StringComparison.OrdinalIgnoreCase)
            || !int.TryParse(field.AsSpan(Name.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            || rest.Length - end - 2 != length)
        {
            return false;
        }

        answer = new AimxAnswer(null, null, rest[(end + 2)..]);
        return true;
    }
}
