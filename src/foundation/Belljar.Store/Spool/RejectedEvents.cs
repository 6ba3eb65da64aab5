using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Belljar.Store.Spool;

/// <summary>
/// What the recorder will never take, with the reason, one JSON object a line, for the operator to look at. At most
/// 16 MiB; beyond that only counted and logged.
/// </summary>
internal sealed partial class RejectedEvents(string folder, string name, ILogger logger)
{
    private const long LongestFile = 16 * 1024 * 1024;
    private const UnixFileMode ReadableByGroup = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;

    private long _count;

    public long Count => Interlocked.Read(ref _count);

    private string Path => System.IO.Path.Combine(folder, name + ".jsonl");

    public void Add(ReadOnlySpan<byte> line, string reason)
    {
        Interlocked.Increment(ref _count);
        LogRejected(reason, Path);
        try
        {
            Directory.CreateDirectory(folder);
            using var file = new FileStream(Path, new FileStreamOptions
            {
                Mode = FileMode.Append,
                Access = FileAccess.Write,
                Share = FileShare.Read,
                UnixCreateMode = ReadableByGroup,
            });
            if (file.Length + line.Length > LongestFile)
            {
                return;
            }

            using var json = new Utf8JsonWriter(file);
            json.WriteStartObject();
            json.WriteString("reason", reason);

            // As a text: it need not be JSON, and latin-1 keeps every byte of what is not.
            json.WriteString("event", Utf8OrLatin1(line));
            json.WriteEndObject();
            json.Flush();
            file.WriteByte((byte)'\n');
            file.Flush(flushToDisk: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogNotKept(e, Path);
        }
    }

    private static string Utf8OrLatin1(ReadOnlySpan<byte> line)
    {
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(line);
        }
        catch (DecoderFallbackException)
        {
            return Encoding.Latin1.GetString(line);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The recorder refused an event ({Reason}); it is kept in {Path}")]
    private partial void LogRejected(string reason, string path);

    [LoggerMessage(Level = LogLevel.Error, Message = "A refused event could not be kept in {Path}")]
    private partial void LogNotKept(Exception error, string path);
}
