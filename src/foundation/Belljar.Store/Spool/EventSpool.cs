using Microsoft.Extensions.Logging;

namespace Belljar.Store.Spool;

/// <summary>
/// What a producer keeps on disk while the recorder is away: its own files and those that it took over, oldest first.
/// Its folder is made with the first event that needs it. One task uses it.
/// </summary>
internal sealed partial class EventSpool(SpoolingSinkOptions options, string name, ILogger logger) : IDisposable
{
    private const UnixFileMode SharedFile = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;

    private readonly List<SpoolFile> _files = [];
    private readonly List<SpoolFolder> _folders = [];
    private SpoolFolder? _own;
    private FileStream? _writing;
    private long _bytes;
    private long _givenUp;
    private long _torn;

    public bool IsEmpty => _files.Count == 0;

    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Files given up because the spool was full.</summary>
    public long GivenUp => Interlocked.Read(ref _givenUp);

    /// <summary>Ends of files that were cut off.</summary>
    public long Torn => Interlocked.Read(ref _torn);

    public void Adopt()
    {
        foreach (var folder in SpoolFolder.Adopt(options.SpoolRoot, Posix.EffectiveUid))
        {
            _folders.Add(folder);
            foreach (var path in folder.Files())
            {
                Add(SpoolFile.Existing(folder, path));
            }

            LogAdopted(folder.Path);
        }
    }

    /// <summary>Durable when this returns.</summary>
    /// <exception cref="IOException">It is not; the lines are not in the spool.</exception>
    public void Append(IEnumerable<ReadOnlyMemory<byte>> lines)
    {
        _writing ??= Open();
        var file = _files[^1];
        try
        {
            foreach (var line in lines)
            {
                _writing.Write(line.Span);
                _writing.WriteByte((byte)'\n');
            }

            _writing.Flush(flushToDisk: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            CutBack(file);
            throw;
        }

        Interlocked.Add(ref _bytes, _writing.Length - file.Length);
        file.Length = _writing.Length;
        if (file.Length >= options.SpoolFileBytes)
        {
            StopWriting();
        }

        GiveUpBeyondBound();
    }

    /// <summary>The oldest lines that are not settled; null when there are none.</summary>
    public SpoolChunk? Read()
    {
        while (_files.Count > 0)
        {
            var file = _files[0];
            if (_files.Count == 1)
            {
                // The one that is written: from now on a new one is.
                StopWriting();
            }

            var chunk = file.Read(out var torn);
            if (torn)
            {
                Interlocked.Increment(ref _torn);
                LogTorn(file.Path);
            }

            if (!chunk.Lines.IsEmpty)
            {
                return chunk;
            }

            Remove(file);
        }

        return null;
    }

    /// <summary>The first <paramref name="count"/> lines of what <see cref="Read"/> gave are stored.</summary>
    public void Settle(SpoolChunk chunk, int count)
    {
        if (count == 0 || !_files.Contains(chunk.File))
        {
            // Nothing stored, or given up meanwhile.
            return;
        }

        chunk.File.Settle(chunk.Ends[count - 1]);
        if (chunk.Ends[count - 1] == chunk.File.Length)
        {
            Remove(chunk.File);
        }
    }

    public void Dispose()
    {
        StopWriting();
        foreach (var folder in _folders)
        {
            folder.Dispose();
        }
    }

    private FileStream Open()
    {
        if (_own is null)
        {
            _own = SpoolFolder.Create(options.SpoolRoot, name);
            _folders.Add(_own);
        }

        var path = _own.NextFile();
        var stream = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            Share = FileShare.Read,
            UnixCreateMode = SharedFile,
        });
        Posix.SyncDirectory(_own.Path);
        Add(new SpoolFile(_own, path, length: 0));
        return stream;
    }

    /// <summary>A line half written, on a full disk, must not run into the next one.</summary>
    private void CutBack(SpoolFile file)
    {
        try
        {
            _writing!.SetLength(file.Length);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogNotCutBack(e, file.Path);
        }

        StopWriting();
    }

    private void StopWriting()
    {
        try
        {
            _writing?.Dispose();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogNotCutBack(e, _files[^1].Path);
        }

        _writing = null;
    }

    private void GiveUpBeyondBound()
    {
        while (_bytes > options.MaxSpoolBytes && _files.Count > 0)
        {
            if (_files.Count == 1)
            {
                StopWriting();
            }

            Interlocked.Increment(ref _givenUp);
            LogGivenUp(_files[0].Path, options.MaxSpoolBytes);
            Remove(_files[0]);
        }
    }

    private void Add(SpoolFile file)
    {
        _files.Add(file);
        Interlocked.Add(ref _bytes, file.Length);
    }

    private void Remove(SpoolFile file)
    {
        _files.Remove(file);
        Interlocked.Add(ref _bytes, -file.Length);
        File.Delete(file.Path);
        if (file.Folder != _own && !_files.Exists(other => other.Folder == file.Folder))
        {
            _folders.Remove(file.Folder);
            file.Folder.Dispose();
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Replaying the events that a producer left behind in {Path}")]
    private partial void LogAdopted(string path);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Path} ends in the middle of an event, which is skipped")]
    private partial void LogTorn(string path);

    [LoggerMessage(Level = LogLevel.Error, Message = "The spool is over {Bytes} bytes: the oldest events, {Path}, are lost. Start the recorder")]
    private partial void LogGivenUp(string path, long bytes);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Path} could not be closed in good order")]
    private partial void LogNotCutBack(Exception error, string path);
}
