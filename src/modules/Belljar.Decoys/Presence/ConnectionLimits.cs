using System.Net;

namespace Belljar.Decoys.Presence;

/// <summary>How many visitors are connected, in all and from each address. A decoy must not be a way to exhaust its host.</summary>
internal sealed class ConnectionLimits(int total, int perSource)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, int> _bySource = [];
    private int _open;
    private long _refused;

    public int Open => Volatile.Read(ref _open);

    public long Refused => Interlocked.Read(ref _refused);

    /// <returns>Null when there is no room: the connection is closed without a word.</returns>
    public Admission? Admit(IPAddress source)
    {
        lock (_lock)
        {
            var fromSource = _bySource.GetValueOrDefault(source);
            if (_open >= total || fromSource >= perSource)
            {
                _refused++;
                return null;
            }

            _open++;
            _bySource[source] = fromSource + 1;
            return new Admission(this, source);
        }
    }

    private void Leave(IPAddress source)
    {
        lock (_lock)
        {
            _open--;
            var left = _bySource[source] - 1;
            if (left == 0)
            {
                // Only sources that are connected are remembered, so the table is as bounded as the connections.
                _bySource.Remove(source);
            }
            else
            {
                _bySource[source] = left;
            }
        }
    }

    /// <summary>A place among the connected; disposed once.</summary>
    public sealed class Admission(ConnectionLimits limits, IPAddress source) : IDisposable
    {
        public void Dispose() => limits.Leave(source);
    }
}
