using System.Text;

namespace Belljar.Protocols.SmtpClient;

public enum SmtpReplyStatus
{
    NeedsInput,
    Complete,

    /// <summary>No reply that RFC 5321 §4.2 knows: nothing that follows can be believed either.</summary>
    Malformed,
}

/// <summary>
/// Reads replies, however they are cut. Strict and bounded: CRLF alone ends a line, every line has the same code, a first
/// digit of 2 to 5. At a bound the reply is malformed.
/// </summary>
public sealed class SmtpReplyReader
{
    /// <summary>Octets with the line end. RFC 5321 §4.5.3.1.5 says 512; some servers say more, with links to their policies.</summary>
    public const int LongestLine = 2048;

    /// <summary>EHLO replies of real servers have about twenty.</summary>
    public const int MostLines = 128;

    private readonly byte[] _line = new byte[LongestLine];
    private readonly List<string> _lines = [];
    private int _length;
    private int _code;

    /// <summary>Whether part of a reply has been read.</summary>
    public bool IsInside => _length > 0 || _lines.Count > 0;

    /// <param name="input">Moved past what was read: one reply at most.</param>
    /// <param name="reply">Null unless complete.</param>
    public SmtpReplyStatus Read(ref ReadOnlySpan<byte> input, out SmtpServerReply? reply)
    {
        reply = null;
        while (!input.IsEmpty)
        {
            var newline = input.IndexOf((byte)'\n');
            var piece = newline < 0 ? input : input[..(newline + 1)];
            if (piece.Length > LongestLine - _length)
            {
                return SmtpReplyStatus.Malformed;
            }

            piece.CopyTo(_line.AsSpan(_length));
            _length += piece.Length;
            input = input[piece.Length..];
            if (newline < 0)
            {
                break;
            }

            if (!TryReadLine(_line.AsSpan(0, _length), out var isLast))
            {
                return SmtpReplyStatus.Malformed;
            }

            _length = 0;
            if (isLast)
            {
                reply = new SmtpServerReply(_code, Enhanced(), [.. _lines]);
                _lines.Clear();
                return SmtpReplyStatus.Complete;
            }
        }

        return SmtpReplyStatus.NeedsInput;
    }

    private bool TryReadLine(ReadOnlySpan<byte> line, out bool isLast)
    {
        isLast = false;
        if (!line.EndsWith("\r\n"u8) || line[..^2].Contains((byte)'\r') || _lines.Count == MostLines)
        {
            return false;
        }

        line = line[..^2];
        if (line.Length < 3 || line[0] is < (byte)'2' or > (byte)'5' || line[1] is < (byte)'0' or > (byte)'5' || line[2] is < (byte)'0' or > (byte)'9')
        {
            return false;
        }

        var code = ((line[0] - '0') * 100) + ((line[1] - '0') * 10) + (line[2] - '0');

        // "250" alone: some say it so, and §4.2.1 wants it understood.
        if ((_lines.Count > 0 && code != _code) || (line.Length > 3 && line[3] is not ((byte)' ' or (byte)'-')))
        {
            return false;
        }

        _code = code;
        isLast = line.Length == 3 || line[3] == ' ';
        _lines.Add(Visible(line.Length == 3 ? default : line[4..]));
        return true;
    }

    private EnhancedStatus? Enhanced() =>
        EnhancedStatus.TryParse(_lines[0], out var status) && status.Class == _code / 100 ? status : null;

    /// <summary>Goes into logs, reports and onto terminals.</summary>
    private static string Visible(ReadOnlySpan<byte> text) =>
        string.Concat(Encoding.UTF8.GetString(text).Select(c => char.IsControl(c) || c == '\uFFFD' ? '?' : c));
}
