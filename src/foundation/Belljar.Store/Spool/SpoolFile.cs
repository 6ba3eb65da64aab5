namespace Belljar.Store.Spool;

/// <summary>Some lines of a spool file.</summary>
/// <param name="File">Where they stand.</param>
/// <param name="Lines">Whole lines, without their newlines.</param>
/// <param name="Ends">For each line, where in the file the next one begins.</param>
internal sealed record SpoolChunk(SpoolFile File, ReadOnlyMemory<ReadOnlyMemory<byte>> Lines, IReadOnlyList<long> Ends);

/// <summary>
/// One file of a spool, read from the front. A last line without its newline was cut off by the death of its writer,
/// before anybody was told that it is safe: it is skipped and counted.
/// </summary>
internal sealed class SpoolFile(SpoolFolder folder, string path, long length)
{
    private long _offset;

    public SpoolFolder Folder => folder;

    public string Path => path;

    public long Length { get; set; } = length;

    public static SpoolFile Existing(SpoolFolder folder, string path) => new(folder, path, new FileInfo(path).Length);

    /// <summary>The next lines, about a batch of them; none at the end.</summary>
    /// <param name="torn">Whether bytes were found that are no whole line: they are passed over.</param>
    public SpoolChunk Read(out bool torn)
    {
        torn = false;
        if (File.ResolveLinkTarget(path, returnFinalTarget: false) is not null)
        {
            torn = true;
            return new SpoolChunk(this, default, []);
        }

        using var handle = Posix.OpenNoFollow(path);
        if (Posix.OwnerOf(handle) is not { IsRegularFile: true } owner || owner.Uid != folder.Uid)
        {
            // Planted by somebody else, or a device: none of it is the producer's word.
            torn = true;
            return new SpoolChunk(this, default, []);
        }

        var buffer = new byte[BatchDelivery.BatchBytes];
        var count = 0;
        while (count < buffer.Length && RandomAccess.Read(handle, buffer.AsSpan(count), _offset + count) is > 0 and var read)
        {
            count += read;
        }

        var (lines, ends) = Split(buffer.AsMemory(0, count), _offset);

        // Bytes without a newline: the torn end, or a line longer than any event. Nothing behind them can be trusted.
        torn = lines.Length == 0 && count > 0;
        return new SpoolChunk(this, lines, ends);
    }

    /// <summary>What comes before is settled: the next read begins here.</summary>
    public void Settle(long offset) => _offset = offset;

    private static (ReadOnlyMemory<byte>[] Lines, List<long> Ends) Split(ReadOnlyMemory<byte> bytes, long offset)
    {
        var lines = new List<ReadOnlyMemory<byte>>();
        var ends = new List<long>();
        while (bytes.Span.IndexOf((byte)'\n') is >= 0 and var end)
        {
            offset += end + 1;
            lines.Add(bytes[..end]);
            ends.Add(offset);
            bytes = bytes[(end + 1)..];
        }

        return ([.. lines], ends);
    }
}
