using System.Buffers;
using Belljar.Protocols.Smtp;
using Microsoft.Win32.SafeHandles;

namespace Belljar.Mail.Smtp;

/// <summary>
/// Holds a message while it arrives: in memory as long as it is small, then in a file without a name. A thousand
/// connections with the longest message each would not fit in memory.
/// </summary>
/// <param name="folder">On the same disk as the mailboxes, so that a full one is noticed here.</param>
internal sealed class MessageSpool(string folder) : ISmtpMessageSink, IDisposable
{
    /// <summary>Bytes of a message that stay in memory.</summary>
    public const int MostInMemory = 256 * 1024;

    private const int FirstBuffer = 8 * 1024;

    private byte[] _buffer = [];
    private int _buffered;
    private SafeFileHandle? _file;
    private long _written;

    /// <summary>What went wrong while writing; the message is then not complete.</summary>
    public Exception? Failure { get; private set; }

    public bool IsInFile => _file is not null;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty && Failure is null)
        {
            if (_buffered == _buffer.Length)
            {
                MakeRoom();
            }

            var part = bytes[..Math.Min(bytes.Length, _buffer.Length - _buffered)];
            part.CopyTo(_buffer.AsSpan(_buffered));
            _buffered += part.Length;
            bytes = bytes[part.Length..];
        }
    }

    /// <summary>The whole message; valid until <see cref="Reset"/>. Reading it back may fail as any file may.</summary>
    public ReadOnlyMemory<byte> ReadAll()
    {
        if (_file is null)
        {
            return _buffer.AsMemory(0, _buffered);
        }

        var all = GC.AllocateUninitializedArray<byte>(checked((int)(_written + _buffered)));
        for (var read = 0; read < _written;)
        {
            var count = RandomAccess.Read(_file, all.AsSpan(read, (int)_written - read), read);
            read += count > 0 ? count : throw new IOException("The message's temporary file is shorter than what was written to it.");
        }

        _buffer.AsSpan(0, _buffered).CopyTo(all.AsSpan((int)_written));
        return all;
    }

    public void Reset()
    {
        _file?.Dispose();
        _file = null;
        _written = 0;
        _buffered = 0;
        Failure = null;
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
        }
    }

    public void Dispose() => Reset();

    private void MakeRoom()
    {
        if (_buffer.Length < MostInMemory)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(FirstBuffer, _buffer.Length * 2));
            _buffer.AsSpan(0, _buffered).CopyTo(larger);
            if (_buffer.Length > 0)
            {
                ArrayPool<byte>.Shared.Return(_buffer);
            }

            _buffer = larger;
            return;
        }

        try
        {
            _file ??= CreateNameless();
            RandomAccess.Write(_file, _buffer.AsSpan(0, _buffered), _written);
            _written += _buffered;
            _buffered = 0;
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            Failure = failed;
        }
    }

    /// <summary>Its name is taken away at once: whatever ends this process, the disk gets the space back.</summary>
    private SafeFileHandle CreateNameless()
    {
        var path = Path.Combine(folder, Guid.NewGuid().ToString("N"));
        var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Delete);
        File.Delete(path);
        return file;
    }
}
