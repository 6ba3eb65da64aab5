using System.Text;

namespace Belljar.Decoys.Http;

/// <summary>Takes a body out of what arrives, keeps its first bytes, and counts the rest. Free of I/O.</summary>
internal sealed class BodyReader(BodyFraming framing)
{
    private const int MostKept = 4096;

    private readonly ChunkedDecoder? _chunks = framing.Length is null ? new ChunkedDecoder() : null;
    private readonly List<byte> _kept = [];
    private long _taken;

    public bool IsComplete { get; private set; } = framing.IsEmpty;

    public bool IsBroken { get; private set; }

    /// <summary>More than a decoy reads. It is treated as if it had ended, and the connection with it.</summary>
    public bool IsTooLong => _taken > HttpLimits.LongestBody;

    public bool IsOver => IsComplete || IsBroken || IsTooLong;

    /// <summary>The first bytes as Latin-1; null when none came.</summary>
    public string? Kept => _kept.Count > 0 ? Encoding.Latin1.GetString([.. _kept]) : null;

    /// <returns>How many bytes belonged to the body.</returns>
    public int Take(ReadOnlySpan<byte> received)
    {
        if (IsOver)
        {
            return 0;
        }

        return framing.Length is { } length ? TakeCounted(received, length) : TakeChunks(received);
    }

    private int TakeCounted(ReadOnlySpan<byte> received, long length)
    {
        var count = (int)Math.Min(received.Length, length - _taken);
        Keep(received[..count]);
        IsComplete = _taken == length;
        return count;
    }

    private int TakeChunks(ReadOnlySpan<byte> received)
    {
        var at = 0;
        while (at < received.Length && !IsOver)
        {
            var data = _chunks!.Take(received[at..], out var consumed);
            at += consumed;
            Keep(data);
            (IsComplete, IsBroken) = (_chunks.IsComplete, _chunks.IsBroken);
        }

        return at;
    }

    private void Keep(ReadOnlySpan<byte> data)
    {
        _taken += data.Length;
        _kept.AddRange(data[..Math.Min(data.Length, MostKept - _kept.Count)]);
    }
}
