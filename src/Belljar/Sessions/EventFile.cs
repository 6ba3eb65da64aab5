using System.Text.Json;
using Belljar.Contracts;
using Belljar.Contracts.Events;
using Belljar.Hosting;

namespace Belljar.Sessions;

/// <summary>Events as lines of JSON in a file, for what runs without a recorder; without a file they are let go.</summary>
internal sealed class EventFile : IEventSink, IDisposable
{
    private readonly Lock _lock = new();
    private readonly FileStream? _file;

    private EventFile(FileStream? file) => _file = file;

    public static EventFile Open(string? path) => new(path is null ? null : new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0));

    /// <summary>The payloads of one kind, as they were written.</summary>
    /// <exception cref="OperatorException">The file cannot be read, or a line of it is no event.</exception>
    public static IEnumerable<T> Read<T>(string path, EventKind<T> kind)
    {
        try
        {
            return [.. File.ReadLines(path)
                .Select(line => JsonSerializer.Deserialize(line, ContractsJson.Default.BelljarEvent)!)
                .Where(e => e.Kind == kind.Name)
                .Select(kind.Read)];
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new OperatorException($"{path} holds no events: {unreadable.Message}");
        }
    }

    public ValueTask RecordAsync(BelljarEvent e, CancellationToken ct)
    {
        Post(e);
        return ValueTask.CompletedTask;
    }

    public void Post(BelljarEvent e)
    {
        if (_file is not null)
        {
            byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(e, ContractsJson.Default.BelljarEvent), (byte)'\n'];
            lock (_lock)
            {
                _file.Write(line);
            }
        }
    }

    public void Dispose() => _file?.Dispose();
}
