namespace Belljar.Bus.UnixSocket;

/// <summary>
/// What one connection has yet to write: messages, of which the oldest are dropped when there is no room, and between
/// them control frames, which keep their place and are never dropped.
/// </summary>
/// <param name="messageVerb">With which its messages travel: <c>EVT</c> at the broker, <c>PUB</c> at a client.</param>
/// <param name="bounds">Of the messages.</param>
/// <param name="mostControl">Control frames that may wait: a peer that only asks and never reads meets this bound.</param>
internal sealed class Outbox(string messageVerb, QueueBounds bounds, int mostControl)
{
    private readonly Lock _lock = new();
    private readonly DropOldestQueue _messages = new(bounds);
    private readonly Queue<ControlFrame> _control = new();
    private TaskCompletionSource<bool>? _waiter;
    private bool _closed;

    public SubscriberStatistics Statistics
    {
        get
        {
            lock (_lock)
            {
                return SubscriberStatistics.Of(_messages);
            }
        }
    }

    public void Enqueue(in BusMessage message)
    {
        TaskCompletionSource<bool>? waiter;
        lock (_lock)
        {
            if (_closed)
            {
                return;
            }

            _messages.Enqueue(message);
            (waiter, _waiter) = (_waiter, null);
        }

        waiter?.SetResult(true);
    }

    /// <summary>
    /// Makes a change and queues its acknowledgement with no message between the two: what is delivered because of the
    /// change comes after its echo, and whoever has read the echo knows that the change is made.
    /// </summary>
    /// <returns>False when too many wait already; nothing is changed.</returns>
    public bool TryControl(string verb, string argument, Action change)
    {
        TaskCompletionSource<bool>? waiter;
        lock (_lock)
        {
            if (_closed || _control.Count >= mostControl)
            {
                return _closed;
            }

            change();
            _control.Enqueue(new ControlFrame(_messages.Accepted, verb, argument));
            (waiter, _waiter) = (_waiter, null);
        }

        waiter?.SetResult(true);
        return true;
    }

    /// <summary>Forgets the control frames that wait and puts these before all messages: a new connection.</summary>
    public void Restart(IEnumerable<(string Verb, string Argument)> control)
    {
        lock (_lock)
        {
            _control.Clear();
            foreach (var (verb, argument) in control)
            {
                _control.Enqueue(new ControlFrame(After: 0, verb, argument));
            }
        }
    }

    /// <summary>After what waits comes <c>BYE</c>, and after that nothing.</summary>
    public void Close()
    {
        TaskCompletionSource<bool>? waiter;
        lock (_lock)
        {
            if (_closed)
            {
                return;
            }

            _closed = true;
            _control.Enqueue(new ControlFrame(_messages.Accepted, Verbs.Bye, ""));
            (waiter, _waiter) = (_waiter, null);
        }

        waiter?.SetResult(true);
    }

    /// <summary>Drops what waits: nobody will read it.</summary>
    public void Abandon()
    {
        TaskCompletionSource<bool>? waiter;
        lock (_lock)
        {
            _closed = true;
            _control.Clear();
            _messages.Discard();
            (waiter, _waiter) = (_waiter, null);
        }

        waiter?.SetResult(false);
    }

    /// <summary>True when there is something to take; false when there never will be.</summary>
    public ValueTask<bool> WaitAsync(CancellationToken ct)
    {
        lock (_lock)
        {
            if (_messages.Count > 0 || _control.Count > 0 || _closed)
            {
                return new(_messages.Count > 0 || _control.Count > 0);
            }

            _waiter ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            return new(_waiter.Task.WaitAsync(ct));
        }
    }

    /// <summary>Takes as many as fit, in order; at least one, if there is one.</summary>
    public int Take(Span<OutgoingFrame> frames, int mostBytes)
    {
        lock (_lock)
        {
            var (count, bytes) = (0, 0);
            while (count < frames.Length && bytes < mostBytes && TryTake(out frames[count]))
            {
                bytes += frames[count++].Body.Length;
            }

            return count;
        }
    }

    private bool TryTake(out OutgoingFrame frame)
    {
        if (_control.TryPeek(out var control) && control.After <= _messages.Head)
        {
            _control.Dequeue();
            frame = new OutgoingFrame(control.Verb, control.Argument, default);
            return true;
        }

        var any = _messages.TryDequeue(out var message);
        frame = any ? new OutgoingFrame(messageVerb, message.Topic, message.Envelope) : default;
        return any;
    }

    /// <param name="After">How many messages were queued before it.</param>
    /// <param name="Verb">Of <see cref="Verbs"/>.</param>
    /// <param name="Argument">Empty where the verb has none.</param>
    private readonly record struct ControlFrame(long After, string Verb, string Argument);
}
