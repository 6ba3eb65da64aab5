using System.Buffers;

namespace Belljar.Protocols.SmtpClient;

/// <summary>
/// A message as DATA carries it (RFC 5321 §4.5.2): a dot before every line that begins with one, and the line of one dot
/// behind it. The message may come in pieces; its lines end in CRLF.
/// </summary>
public sealed class DotStuffing
{
    private bool _atLineStart = true;
    private byte _last = (byte)'\n';
    private byte _beforeLast = (byte)'\r';

    public void Write(ReadOnlySpan<byte> piece, IBufferWriter<byte> output)
    {
        while (!piece.IsEmpty)
        {
            if (_atLineStart && piece[0] == '.')
            {
                output.Write("."u8);
            }

            var newline = piece.IndexOf((byte)'\n');
            var line = newline < 0 ? piece : piece[..(newline + 1)];
            output.Write(line);
            _beforeLast = line.Length > 1 ? line[^2] : _last;
            _last = line[^1];
            _atLineStart = newline >= 0;
            piece = piece[line.Length..];
        }
    }

    /// <summary>Ends the message, and its last line where that has no end.</summary>
    public void End(IBufferWriter<byte> output) =>
        output.Write(_last == '\n' && _beforeLast == '\r' ? ".\r\n"u8 : "\r\n.\r\n"u8);
}
