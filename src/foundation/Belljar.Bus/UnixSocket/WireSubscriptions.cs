using System.Text;
using Belljar.Contracts.Wire;

namespace Belljar.Bus.UnixSocket;

/// <summary>
/// Which patterns this client wants of the broker, once each however many subscriptions share one, and which echoes it
/// still expects. Echoes come in the order in which the frames were sent, so the oldest expected one is the only one
/// that may come.
/// </summary>
internal sealed class WireSubscriptions(Outbox outbox, string client)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Wanted> _patterns = [];
    private readonly Queue<(string Verb, Wanted Wanted)> _expected = new();
    private bool _connected;
    private bool _closed;

    /// <summary>Completes at the acknowledgement. <see cref="Release"/> it, also when the wait for it was given up.</summary>
    public Task Acquire(string pattern)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_closed, typeof(UnixBus));
            if (!_patterns.TryGetValue(pattern, out var wanted))
            {
                wanted = new Wanted(pattern);
                _patterns.Add(pattern, wanted);
                Send(Verbs.Subscribe, wanted);
            }

            wanted.Users++;
            return wanted.Acknowledged.Task;
        }
    }

    public void Release(string pattern)
    {
        lock (_lock)
        {
            if (_patterns.TryGetValue(pattern, out var wanted) && --wanted.Users == 0)
            {
                _patterns.Remove(pattern);
                Send(Verbs.Unsubscribe, wanted);
            }
        }
    }

    /// <summary>Puts HELLO and every pattern before whatever waits to be sent.</summary>
    public void Connected()
    {
        lock (_lock)
        {
            _connected = true;
            foreach (var wanted in _patterns.Values)
            {
                _expected.Enqueue((Verbs.Subscribe, wanted));
            }

            outbox.Restart([(Verbs.Hello, client), .. _patterns.Keys.Select(pattern => (Verbs.Subscribe, pattern))]);
        }
    }

    public void Disconnected()
    {
        lock (_lock)
        {
            _connected = false;
            _expected.Clear();
            foreach (var wanted in _patterns.Values.Where(wanted => wanted.Acknowledged.Task.IsCompleted))
            {
                wanted.Acknowledged = Wanted.NotYet();
            }
        }
    }

    /// <summary>False when this is not the echo that had to come next.</summary>
    public bool TryTakeEcho(in RawFrame frame)
    {
        lock (_lock)
        {
            if (!_expected.TryDequeue(out var expected)
                || !Ascii.Equals(frame.Verb, expected.Verb)
                || !Ascii.Equals(frame.Argument, expected.Wanted.Pattern))
            {
                return false;
            }

            if (expected.Verb == Verbs.Subscribe)
            {
                expected.Wanted.Acknowledged.TrySetResult();
            }

            return true;
        }
    }

    /// <summary>Fails those who wait for an acknowledgement.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _closed = true;
            foreach (var wanted in _patterns.Values)
            {
                wanted.Acknowledged.TrySetException(new ObjectDisposedException(nameof(UnixBus)));
                _ = wanted.Acknowledged.Task.Exception;
            }
        }
    }

    /// <summary>While there is no connection nothing is sent: the next one begins with all patterns.</summary>
    private void Send(string verb, Wanted wanted)
    {
        if (_connected)
        {
            outbox.TryControl(verb, wanted.Pattern, () => _expected.Enqueue((verb, wanted)));
        }
    }

    private sealed class Wanted(string pattern)
    {
        public string Pattern => pattern;

        public int Users { get; set; }

        public TaskCompletionSource Acknowledged { get; set; } = NotYet();

        public static TaskCompletionSource NotYet() => new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
