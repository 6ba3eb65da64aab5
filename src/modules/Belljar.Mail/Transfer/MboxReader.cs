using System.Buffers;
using System.Text;
using Belljar.Hosting;

namespace Belljar.Mail.Transfer;

/// <summary>
/// Reads an mbox as mboxrd has it (which the older kinds are close to): a message begins with a line "From " behind an
/// empty line, and of a line "&gt;From ", "&gt;&gt;From " one "&gt;" is taken away.
/// </summary>
internal sealed class MboxReader(Stream input, string name, TimeProvider clock)
{
    /// <summary>A message beyond it is no message, or the file no mbox.</summary>
    private const int LongestMessage = 256 * 1024 * 1024;

    private readonly ArrayBufferWriter<byte> _message = new(64 * 1024);
    private readonly ArrayBufferWriter<byte> _line = new(1024);
    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _at;
    private int _end;

    /// <exception cref="OperatorException">The file is not an mbox.</exception>
    public IEnumerable<ImportedMessage> Read()
    {
        string? fromLine = null;
        var afterEmpty = true;
        while (ReadLine())
        {
            var isEmpty = _line.WrittenCount == 0;
            if (afterEmpty && _line.WrittenSpan.StartsWith("From "u8))
            {
                if (fromLine is not null)
                {
                    yield return Take(fromLine);
                }

                fromLine = Encoding.Latin1.GetString(_line.WrittenSpan[5..]);
                afterEmpty = false;
                continue;
            }

            if (fromLine is null)
            {
                if (isEmpty)
                {
                    continue;
                }

                throw new OperatorException($"{name} is not an mbox: it does not begin with a line 'From sender date'.");
            }

            AppendLine();
            afterEmpty = isEmpty;
        }

        if (fromLine is not null)
        {
            yield return Take(fromLine);
        }
    }

    /// <summary>The empty line before the next "From " is the mbox's, not the message's.</summary>
    private ImportedMessage Take(string fromLine)
    {
        var raw = _message.WrittenSpan;
        raw = raw.EndsWith("\r\n\r\n"u8) ? raw[..^2] : raw;
        var message = ImportedMessage.OfMbox(fromLine, raw.ToArray(), clock);
        _message.ResetWrittenCount();
        return message;
    }

    private void AppendLine()
    {
        var line = _line.WrittenSpan;
        if (line.Length > 0 && line[0] == (byte)'>' && line.TrimStart((byte)'>').StartsWith("From "u8))
        {
            line = line[1..];
        }

        if (_message.WrittenCount + line.Length > LongestMessage)
        {
            throw new OperatorException($"{name} holds a message of more than {LongestMessage >> 20} MiB, which is none.");
        }

        _message.Write(line);
        _message.Write("\r\n"u8);
    }

    /// <summary>One line without its end (LF or CRLF).</summary>
    private bool ReadLine()
    {
        _line.ResetWrittenCount();
        while (true)
        {
            if (_at == _end)
            {
                _at = 0;
                _end = input.Read(_buffer);
                if (_end == 0)
                {
                    return _line.WrittenCount > 0;
                }
            }

            var rest = _buffer.AsSpan(_at, _end - _at);
            var length = rest.IndexOf((byte)'\n');
            _line.Write(length < 0 ? rest : rest[..length]);
            _at += length < 0 ? rest.Length : length + 1;
            if (_line.WrittenCount > LongestMessage)
            {
                throw new OperatorException($"{name} has a line of more than {LongestMessage >> 20} MiB: it is not an mbox.");
            }

            if (length >= 0)
            {
                if (_line.WrittenCount > 0 && _line.WrittenSpan[^1] == (byte)'\r')
                {
                    var kept = _line.WrittenSpan[..^1].ToArray();
                    _line.ResetWrittenCount();
                    _line.Write(kept);
                }

                return true;
            }
        }
    }
}
