namespace Belljar.Protocols.Http1;

internal enum LineStatus
{
    Incomplete,
    Line,
    Refused,
}

/// <summary>
/// Collects lines that end in CR LF into one buffer of its own, so that what was read stays valid while the connection's
/// buffer moves on. The buffer is kept from message to message.
/// </summary>
internal sealed class HeadLines(int longest)
{
    private byte[] _bytes = new byte[Math.Min(longest, 1024)];
    private int _length;
    private int _lineStart;

    public Http1Refusal Refusal { get; private set; }

    /// <summary>True once a byte was seen.</summary>
    public bool HasBegun => _length > 0;

    /// <summary>The length of the line that has not ended yet.</summary>
    public int OpenLine => _length - _lineStart;

    public ReadOnlySpan<byte> this[int start, int length] => _bytes.AsSpan(start, length);

    public void Reset() => (_length, _lineStart, Refusal) = (0, 0, Http1Refusal.None);

    /// <summary>Takes bytes up to and with the next line end.</summary>
    /// <param name="tooLong">What it is called when there are more than <c>longest</c> bytes.</param>
    public LineStatus Next(ReadOnlySpan<byte> input, ref int consumed, Http1Refusal tooLong, out int start, out int length)
    {
        (start, length) = (_lineStart, 0);
        var rest = input[consumed..];
        var end = rest.IndexOf((byte)'\n');
        var taken = end < 0 ? rest.Length : end + 1;
        if (_length + taken > longest)
        {
            return Refuse(tooLong);
        }

        Append(rest[..taken]);
        consumed += taken;
        if (end < 0)
        {
            return LineStatus.Incomplete;
        }

        var line = _bytes.AsSpan(start, _length - start);
        if (line is not [.., (byte)'\r', (byte)'\n'])
        {
            return Refuse(Http1Refusal.BareLf);
        }

        length = line.Length - 2;
        _lineStart = _length;
        var control = line[..length].IndexOfAny(Octets.Control);
        return control < 0 ? LineStatus.Line : Refuse(line[control] == (byte)'\r' ? Http1Refusal.BareCr : Http1Refusal.ControlByte);
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        if (_length + bytes.Length > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Min(longest, Math.Max(_length + bytes.Length, _bytes.Length * 2)));
        }

        bytes.CopyTo(_bytes.AsSpan(_length));
        _length += bytes.Length;
    }

    private LineStatus Refuse(Http1Refusal refusal)
    {
        Refusal = refusal;
        return LineStatus.Refused;
    }
}
