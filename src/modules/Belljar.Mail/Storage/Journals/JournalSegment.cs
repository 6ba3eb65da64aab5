using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Belljar.Mail.Storage.Journals;

/// <summary>
/// One of the journal's two files: a head, then records. It is overwritten from its start, never grown and shrunk while mail
/// comes, so that a flush has nothing but the data to write.
/// </summary>
internal sealed class JournalSegment : IDisposable
{
    /// <summary>No segment was ever larger; what is, is read so far.</summary>
    private const int Largest = 256 * 1024 * 1024;

    private const int HeadLength = 4096;
    private const int BootLength = 64;
    private const ulong Magic = 0x314C4E524A4C4942;

    private readonly SafeFileHandle _file;
    private readonly int _capacity;
    private long _end = HeadLength;

    /// <param name="capacity">So many bytes before it is put aside; a longer record does not belong here.</param>
    public JournalSegment(string path, int capacity)
    {
        _capacity = capacity;
        if (!File.Exists(path))
        {
            DurableFiles.Write(path);
        }

        _file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        File.SetUnixFileMode(_file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    /// <summary>0: nothing in it counts.</summary>
    public long Generation { get; private set; }

    /// <summary>Deliveries in it that have not settled yet: guarded by the journal's lock.</summary>
    public int Unsettled { get; set; }

    public bool HasRoomFor(int length) => _end + length <= HeadLength + _capacity;

    /// <summary>From here on records of this generation count. Durable with the first of them.</summary>
    public void Begin(long generation, string boot)
    {
        Span<byte> head = stackalloc byte[16 + BootLength];
        head.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(head, Magic);
        BinaryPrimitives.WriteInt64LittleEndian(head[8..], generation);
        Encoding.ASCII.GetBytes(boot.AsSpan(0, Math.Min(boot.Length, BootLength)), head[16..]);
        RandomAccess.Write(_file, head, 0);
        (Generation, _end) = (generation, HeadLength);
    }

    /// <summary>Records go to the disk together, with one flush. After an exception nothing of this counts, and none of it is in the way.</summary>
    public void Append(IReadOnlyList<JournalRecord> records)
    {
        var parts = new List<ReadOnlyMemory<byte>>(records.Count * 2);
        var length = 0L;
        foreach (var record in records)
        {
            record.AddTo(parts, Generation);
            length += record.Length;
        }

        RandomAccess.Write(_file, parts, _end);
        Flush();
        _end += length;
    }

    /// <summary>Nothing in it counts any more: what it holds is on the disk in its own files.</summary>
    /// <param name="erase">Takes the bytes away too, as nobody is in a hurry.</param>
    public void Clear(bool erase)
    {
        Span<byte> nothing = stackalloc byte[16];
        nothing.Clear();
        if (erase)
        {
            RandomAccess.SetLength(_file, 0);
        }
        else
        {
            RandomAccess.Write(_file, nothing, 0);
        }

        Flush();
        (Generation, _end) = (0, HeadLength);
    }

    /// <summary>What the last run left in it.</summary>
    /// <returns>Null when nothing in it counts.</returns>
    public JournalContent? Read()
    {
        var length = RandomAccess.GetLength(_file);
        if (length < HeadLength)
        {
            return null;
        }

        var bytes = new byte[Math.Min(length, HeadLength + Largest)];
        for (int at = 0, read; at < bytes.Length && (read = RandomAccess.Read(_file, bytes.AsSpan(at), at)) > 0; at += read)
        {
        }

        if (BinaryPrimitives.ReadUInt64LittleEndian(bytes) != Magic || BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(8)) is not (> 0 and var generation))
        {
            return null;
        }

        var boot = Encoding.ASCII.GetString(bytes.AsSpan(16, BootLength)).TrimEnd('\0');
        return new JournalContent(generation, boot, bytes.AsMemory(HeadLength));
    }

    public void Dispose() => _file.Dispose();

    private void Flush()
    {
        // Not fsync: the time of the last change is of no use to anybody, and would be one more block to write.
        if (FlushData(_file) != 0)
        {
            throw new JournalLostException($"the journal cannot be flushed (errno {Marshal.GetLastPInvokeError()})");
        }
    }

    [DllImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static extern int FlushData(SafeFileHandle file);
}

/// <param name="Boot">The boot of the machine in which it was written.</param>
/// <param name="Records">The bytes that may hold records.</param>
internal sealed record JournalContent(long Generation, string Boot, ReadOnlyMemory<byte> Records);

/// <summary>A flush failed: the kernel may have dropped what it held, and a later flush that works proves nothing.</summary>
internal sealed class JournalLostException(string message) : IOException(message);
