namespace Belljar.Decoys.Dialogues;

/// <summary>What has arrived and was not used yet. Bounded: a head and what one read brings beyond it.</summary>
internal sealed class InputBuffer(Stream stream)
{
    private const int ReadSize = 4096;

    private byte[] _bytes = new byte[ReadSize];
    private int _start;
    private int _end;

    public ReadOnlySpan<byte> Unread => _bytes.AsSpan(_start, _end - _start);

    public bool IsEmpty => _start == _end;

    public void Consume(int count)
    {
        _start += count;
        if (_start == _end)
        {
            _start = _end = 0;
        }
    }

    /// <summary>Waits for more.</summary>
    /// <returns>False when the visitor has ended his side.</returns>
    public async ValueTask<bool> FillAsync(CancellationToken ct)
    {
        MakeRoom();
        var count = await stream.ReadAsync(_bytes.AsMemory(_end), ct);
        _end += count;
        return count > 0;
    }

    private void MakeRoom()
    {
        if (_bytes.Length - _end >= ReadSize / 2)
        {
            return;
        }

        var unread = _end - _start;
        var next = unread + ReadSize <= _bytes.Length ? _bytes : new byte[Math.Max(_bytes.Length * 2, unread + ReadSize)];
        Unread.CopyTo(next);
        (_bytes, _start, _end) = (next, 0, unread);
    }
}
