using System.Net.Sockets;
using Belljar.Protocols.Http2;

namespace Belljar.Egress.Gate.Http2;

/// <summary>How much the peer lets us send on one stream (RFC 9113 §6.9). Changed by <see cref="SendWindows"/> only.</summary>
internal sealed class SendWindow
{
    /// <summary>May be below zero, when the peer has taken back what it had allowed.</summary>
    public long Left { get; set; }

    public bool IsClosed { get; set; }
}

/// <summary>How much the peer of a connection lets us send, in all and on each stream.</summary>
internal sealed class SendWindows
{
    private readonly Lock _lock = new();
    private readonly HashSet<SendWindow> _open = [];
    private long _connection = Http2Settings.DefaultWindow;
    private long _initial = Http2Settings.DefaultWindow;
    private TaskCompletionSource? _changed;

    public SendWindow Open()
    {
        lock (_lock)
        {
            var window = new SendWindow { Left = _initial };
            _open.Add(window);
            return window;
        }
    }

    /// <summary>Whoever waits for it gets an exception.</summary>
    public void Close(SendWindow window)
    {
        lock (_lock)
        {
            window.IsClosed = true;
            _open.Remove(window);
            Change();
        }
    }

    /// <param name="window">Null for the connection.</param>
    /// <returns>False when it would hold more than a window can.</returns>
    public bool TryGrow(SendWindow? window, int increment)
    {
        lock (_lock)
        {
            var grown = (window?.Left ?? _connection) + increment;
            if (grown > int.MaxValue)
            {
                return false;
            }

            if (window is null)
            {
                _connection = grown;
            }
            else
            {
                window.Left = grown;
            }

            Change();
            return true;
        }
    }

    /// <summary>A new first size moves the windows that are open, too (RFC 9113 §6.9.2).</summary>
    /// <returns>False when one would hold more than a window can.</returns>
    public bool TrySetInitial(int size)
    {
        lock (_lock)
        {
            var by = size - _initial;
            _initial = size;
            foreach (var window in _open)
            {
                window.Left += by;
                if (window.Left > int.MaxValue)
                {
                    return false;
                }
            }

            Change();
            return true;
        }
    }

    /// <returns>How much of what is wanted may go now; it is taken. 0: nothing.</returns>
    /// <exception cref="SocketException">The window was closed.</exception>
    public int Take(SendWindow window, int wanted)
    {
        lock (_lock)
        {
            return TakeLocked(window, wanted);
        }
    }

    /// <summary>Waits until something may go.</summary>
    /// <exception cref="SocketException">The window was closed.</exception>
    public async ValueTask<int> TakeAsync(SendWindow window, int wanted, CancellationToken ct)
    {
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                var taken = TakeLocked(window, wanted);
                if (taken > 0)
                {
                    return taken;
                }

                changed = (_changed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }

            await changed.WaitAsync(ct);
        }
    }

    private int TakeLocked(SendWindow window, int wanted)
    {
        if (window.IsClosed)
        {
            throw new SocketException((int)SocketError.ConnectionReset);
        }

        var taken = (int)Math.Max(0, Math.Min(wanted, Math.Min(_connection, window.Left)));
        _connection -= taken;
        window.Left -= taken;
        return taken;
    }

    private void Change()
    {
        _changed?.TrySetResult();
        _changed = null;
    }
}
