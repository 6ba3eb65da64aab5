using System.Diagnostics.CodeAnalysis;

namespace Belljar.Bus;

/// <summary>
/// A bounded queue that makes room by dropping its oldest. It grows as it fills, so an idle subscriber costs nothing.
/// Not safe for threads: each owner holds its own lock.
/// </summary>
[SuppressMessage("Naming", "CA1711", Justification = "It is a queue.")]
internal sealed class DropOldestQueue(QueueBounds bounds)
{
    private readonly Queue<BusMessage> _messages = new();
    private long _bytes;

    public int Count => _messages.Count;

    /// <summary>Messages that were ever put in.</summary>
    public long Accepted { get; private set; }

    public long Dropped { get; private set; }

    /// <summary>How many came before the message that is now the oldest.</summary>
    public long Head => Accepted - _messages.Count;

    public void Enqueue(in BusMessage message)
    {
        _messages.Enqueue(message);
        _bytes += message.Envelope.Length;
        Accepted++;
        while (_messages.Count > bounds.Messages || (_bytes > bounds.Bytes && _messages.Count > 1))
        {
            TryDequeue(out _);
            Dropped++;
        }
    }

    public bool TryDequeue(out BusMessage message)
    {
        if (!_messages.TryDequeue(out message))
        {
            return false;
        }

        _bytes -= message.Envelope.Length;
        return true;
    }

    public bool TryPeek(out BusMessage message) => _messages.TryPeek(out message);

    /// <summary>Drops what waits: its reader has gone.</summary>
    public void Discard()
    {
        Dropped += _messages.Count;
        _messages.Clear();
        _messages.TrimExcess();
        _bytes = 0;
    }
}
