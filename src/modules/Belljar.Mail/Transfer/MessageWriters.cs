using System.Globalization;
using Belljar.Mail.Storage;

namespace Belljar.Mail.Transfer;

internal interface IMessageWriter : IDisposable
{
    void Write(ExportedMessage message);
}

/// <summary>mboxrd: every line that is "From " behind any number of "&gt;" gets one more; lines end with LF.</summary>
internal sealed class MboxWriter(string path) : IMessageWriter
{
    private readonly FileStream _output = new(path, new FileStreamOptions
    {
        Mode = FileMode.CreateNew,
        Access = FileAccess.Write,
        BufferSize = 128 * 1024,
        UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
    });

    public void Write(ExportedMessage message)
    {
        var sender = message.EnvelopeFrom is { Length: > 0 } from && !from.Any(char.IsWhiteSpace) ? from : "MAILER-DAEMON";
        Put($"From {sender} {AscTime(message.ReceivedAt.UtcDateTime)}\n");
        var status = Status(message);
        if (status.Length > 0 && !message.Raw.AsSpan().StartsWith(System.Text.Encoding.ASCII.GetBytes(status.Replace("\n", "\r\n", StringComparison.Ordinal))))
        {
            Put(status);
        }

        var rest = message.Raw.AsSpan();
        while (!rest.IsEmpty)
        {
            var end = rest.IndexOf((byte)'\n');
            var line = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[(end + 1)..];
            line = end >= 0 && line.EndsWith("\r"u8) ? line[..^1] : line;
            if (line.TrimStart((byte)'>').StartsWith("From "u8))
            {
                _output.WriteByte((byte)'>');
            }

            _output.Write(line);
            _output.WriteByte((byte)'\n');
        }

        _output.WriteByte((byte)'\n');
    }

    public void Dispose()
    {
        _output.Flush(flushToDisk: true);
        _output.Dispose();
    }

    private static string AscTime(DateTime time) =>
        string.Create(CultureInfo.InvariantCulture, $"{time:ddd MMM} {time.Day,2} {time:HH:mm:ss yyyy}");

    private static string Status(ExportedMessage message)
    {
        var flags = (message.Labels.Contains(ImportedMessage.Answered) ? "A" : "") + (message.Labels.Contains(ImportedMessage.Flagged) ? "F" : "");
        return (message.IsRead ? "Status: RO\n" : "") + (flags.Length > 0 ? $"X-Status: {flags}\n" : "");
    }

    private void Put(string text) => _output.Write(System.Text.Encoding.UTF8.GetBytes(text));
}

/// <summary>One file a message, in <c>cur</c>, with its flags in its name.</summary>
internal sealed class MaildirWriter : IMessageWriter
{
    private static readonly string[] Folders = ["tmp", "new", "cur"];

    private readonly string _current;
    private int _count;

    public MaildirWriter(string path)
    {
        foreach (var folder in Folders)
        {
            DurableFiles.CreateFolder(Path.Combine(path, folder));
        }

        _current = Path.Combine(path, "cur");
    }

    public void Write(ExportedMessage message)
    {
        var flags = (message.Labels.Contains(ImportedMessage.Flagged) ? "F" : "")
            + (message.Labels.Contains(ImportedMessage.Answered) ? "R" : "")
            + (message.IsRead ? "S" : "");
        var name = string.Create(CultureInfo.InvariantCulture, $"{message.ReceivedAt.ToUnixTimeSeconds()}.{++_count}.belljar:2,{flags}");
        DurableFiles.Write(Path.Combine(_current, name), message.Raw);
    }

    public void Dispose() => DurableFiles.SyncFolder(_current);
}
