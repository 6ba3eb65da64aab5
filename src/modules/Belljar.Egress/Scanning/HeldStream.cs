using Belljar.Egress.Policy;

namespace Belljar.Egress.Scanning;

/// <summary>
/// Holds back what the agent sends until it was looked at, so that a finding can still stop it:
/// <code>
///   deny    the first 1 MiB waits for its end or for more; from then on the last 64 KiB wait
///   redact  only what may be the beginning of a finding waits; findings are covered with asterisks
///   alert   the same, and nothing is covered
/// </code>
/// </summary>
internal sealed class HeldStream(IContentScanner scanner, RouteScan mode) : IDisposable
{
    public const int First = 1 << 20;
    public const int Tail = 64 * 1024;

    private readonly IContentScan _scan = scanner.Begin();
    private readonly List<ContentFinding> _found = [];
    private byte[] _bytes = new byte[4096];
    private int _start;
    private int _end;
    private long _position; // in the stream, of the first byte that is held
    private bool _isOpen;

    /// <summary>All findings so far.</summary>
    public IReadOnlyList<ContentFinding> Findings => _found;

    /// <summary>A finding that stops the stream: nothing more may pass.</summary>
    public bool IsDenied => mode is RouteScan.Deny && _found.Count > 0;

    /// <summary>Not all of it was looked at.</summary>
    public bool IsExhausted => _scan.IsExhausted;

    /// <returns>What may pass now; valid until the next call.</returns>
    public ReadOnlySpan<byte> Append(ReadOnlySpan<byte> data)
    {
        Take(data);
        var before = _found.Count;
        _scan.Append(_bytes.AsSpan(_end - data.Length, data.Length), _found);
        Cover(before);
        var held = _end - _start;
        _isOpen |= mode is not RouteScan.Deny || held > First;
        return Release(_isOpen ? held - Math.Max(_scan.Pending, mode is RouteScan.Deny ? Tail : 0) : 0);
    }

    /// <returns>All that was held; the stream has ended.</returns>
    public ReadOnlySpan<byte> End()
    {
        var before = _found.Count;
        _scan.End(_found);
        Cover(before);
        return Release(_end - _start);
    }

    public void Dispose() => _scan.Dispose();

    private void Cover(int from)
    {
        for (var i = from; mode is RouteScan.Redact && i < _found.Count; i++)
        {
            // What has passed already cannot be covered any more; a scanner says through Pending what must wait.
            var start = (int)Math.Max(0, _found[i].Start - _position);
            var end = (int)Math.Clamp(_found[i].End - _position, start, _end - _start);
            _bytes.AsSpan(_start + start, end - start).Fill((byte)'*');
        }
    }

    private ReadOnlySpan<byte> Release(int count)
    {
        if (count <= 0 || IsDenied)
        {
            return [];
        }

        var released = _bytes.AsSpan(_start, count);
        _start += count;
        _position += count;
        return released;
    }

    private void Take(ReadOnlySpan<byte> data)
    {
        var held = _end - _start;
        if (_bytes.Length - _end < data.Length)
        {
            var target = held + data.Length > _bytes.Length ? new byte[Math.Max(held + data.Length, _bytes.Length * 2)] : _bytes;
            _bytes.AsSpan(_start, held).CopyTo(target);
            (_bytes, _start, _end) = (target, 0, held);
        }

        data.CopyTo(_bytes.AsSpan(_end));
        _end += data.Length;
    }
}
