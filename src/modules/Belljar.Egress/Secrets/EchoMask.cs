namespace Belljar.Egress.Secrets;

/// <summary>
/// Covers values in a stream with asterisks of the same length. What could be the beginning of a value is held back, and
/// nothing else: an event stream is not delayed by it.
/// </summary>
internal sealed class EchoMask(ValueAutomaton values)
{
    private byte[] _bytes = [];
    private int _length;
    private int _passed;
    private int _state = ValueAutomaton.Start;

    /// <summary>How often a value was covered.</summary>
    public int Covered { get; private set; }

    public void Reset() => (_length, _passed, _state, Covered) = (0, 0, ValueAutomaton.Start, 0);

    /// <returns>What may pass; valid until the next call.</returns>
    public ReadOnlySpan<byte> Append(ReadOnlySpan<byte> data)
    {
        Take(data);
        var at = _length - data.Length;
        var bytes = _bytes.AsSpan(0, _length);
        while (values.Next(bytes, ref at, ref _state, out var match))
        {
            bytes[(at - match.Length)..at].Fill((byte)'*');
            Covered++;
        }

        _passed = _length - values.Pending(_state);
        return bytes[.._passed];
    }

    /// <returns>What was held back; the stream has ended.</returns>
    public ReadOnlySpan<byte> End()
    {
        var rest = _bytes.AsSpan(_passed, _length - _passed);
        (_length, _passed, _state) = (0, 0, ValueAutomaton.Start);
        return rest;
    }

    /// <summary>Covers values in bytes that are whole.</summary>
    public void Cover(Span<byte> whole)
    {
        var (at, state) = (0, ValueAutomaton.Start);
        while (values.Next(whole, ref at, ref state, out var match))
        {
            whole[(at - match.Length)..at].Fill((byte)'*');
            Covered++;
        }
    }

    private void Take(ReadOnlySpan<byte> data)
    {
        var held = _length - _passed;
        if (_bytes.Length < held + data.Length)
        {
            var larger = new byte[Math.Max(held + data.Length, 4096)];
            _bytes.AsSpan(_passed, held).CopyTo(larger);
            _bytes = larger;
        }
        else
        {
            _bytes.AsSpan(_passed, held).CopyTo(_bytes);
        }

        data.CopyTo(_bytes.AsSpan(held));
        (_length, _passed) = (held + data.Length, 0);
    }
}
