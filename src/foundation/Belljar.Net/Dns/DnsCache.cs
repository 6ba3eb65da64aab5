using System.Runtime.InteropServices;
using Belljar.Protocols.Dns;

namespace Belljar.Net.Dns;

/// <summary>Answers by name and type until their time has come. Bounded: at the bound the entry that was stored first goes.</summary>
internal sealed class DnsCache(int most, TimeProvider clock)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<DnsQuestion, Entry> _entries = [];
    private readonly Queue<(DnsQuestion Question, long Serial)> _order = [];
    private long _serial;

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _entries.Count;
            }
        }
    }

    public bool TryGet(DnsQuestion question, out DnsAnswer? answer)
    {
        lock (_lock)
        {
            var found = _entries.TryGetValue(question, out var entry);
            if (found && entry.Expires <= clock.GetUtcNow())
            {
                _entries.Remove(question);
                found = false;
            }

            answer = found ? entry.Answer : null;
            return found;
        }
    }

    public void Store(DnsQuestion question, DnsAnswer answer, TimeSpan time)
    {
        if (time <= TimeSpan.Zero || most <= 0)
        {
            return;
        }

        lock (_lock)
        {
            var serial = ++_serial;
            _entries[question] = new Entry(answer, clock.GetUtcNow() + time, serial);
            _order.Enqueue((question, serial));

            // Entries that were stored again, or expired, leave their old place in the queue behind; it is bounded too.
            while (_entries.Count > most || _order.Count > 2 * most)
            {
                var (oldest, stored) = _order.Dequeue();
                if (_entries.TryGetValue(oldest, out var entry) && entry.Serial == stored)
                {
                    _entries.Remove(oldest);
                }
            }
        }
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Entry(DnsAnswer Answer, DateTimeOffset Expires, long Serial);
}
