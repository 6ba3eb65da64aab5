using System.Buffers;

namespace Belljar.Detection;

/// <summary>
/// Takes secrets out of a stream without changing its length: what a gate writes instead of refusing. Holds back what is not
/// judged yet, at most <see cref="Scanner.HoldBack"/> bytes.
/// </summary>
public sealed class Redactor(RuleSet rules, string? path = null) : IDisposable
{
    /// <summary>In the alphabet of every encoding, and harmless in every syntax.</summary>
    public const byte Mask = (byte)'x';

    private readonly Scanner _scanner = new(rules, path);
    private byte[] _held = [];
    private int _length;
    private long _offset;
    private int _masked;

    public IReadOnlyList<Finding> Findings => _scanner.Findings;

    /// <summary>Something was not looked at: who must be sure refuses the stream.</summary>
    public string? Incomplete => _scanner.Incomplete;

    /// <summary>Masks the findings in a part of the stream that begins at an offset of it. Line ends and zeros stay.</summary>
    public static void Apply(Span<byte> content, long offset, IEnumerable<Finding> findings)
    {
        foreach (var finding in findings)
        {
            var start = Math.Clamp(finding.Offset - offset, 0, content.Length);
            var end = Math.Clamp(finding.Offset + finding.Length - offset, 0, content.Length);
            foreach (ref var value in content[(int)start..(int)end])
            {
                value = value is 0 or (byte)'\r' or (byte)'\n' ? value : Mask;
            }
        }
    }

    /// <summary>Takes more of the stream, and writes as much as has been judged.</summary>
    public void Push(ReadOnlySpan<byte> bytes, IBufferWriter<byte> output)
    {
        Hold(bytes);
        _scanner.Push(bytes);
        Release(_scanner.JudgedThrough, output);
    }

    /// <summary>There is no more: writes the rest.</summary>
    public void Complete(IBufferWriter<byte> output)
    {
        _scanner.Complete();
        Release(_offset + _length, output);
    }

    public void Dispose()
    {
        _scanner.Dispose();
        Array.Clear(_held);
    }

    private void Hold(ReadOnlySpan<byte> bytes)
    {
        if (_held.Length < _length + bytes.Length)
        {
            var larger = new byte[Math.Max(_length + bytes.Length, 2 * _held.Length)];
            _held.AsSpan(0, _length).CopyTo(larger);
            Array.Clear(_held);
            _held = larger;
        }

        bytes.CopyTo(_held.AsSpan(_length));
        _length += bytes.Length;
    }

    private void Release(long through, IBufferWriter<byte> output)
    {
        // A finding begins in what is still held, as none begins before what was judged when it was made.
        for (; _masked < _scanner.Findings.Count; _masked++)
        {
            Apply(_held.AsSpan(0, _length), _offset, [_scanner.Findings[_masked]]);
        }

        var count = (int)(through - _offset);
        if (count <= 0)
        {
            return;
        }

        output.Write(_held.AsSpan(0, count));
        _held.AsSpan(count, _length - count).CopyTo(_held);
        _length -= count;
        _offset += count;
    }
}
