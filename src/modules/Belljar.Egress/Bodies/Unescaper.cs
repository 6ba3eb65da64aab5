namespace Belljar.Egress.Bodies;

/// <summary>Another way to read a body, besides as it is.</summary>
internal enum BodyEscapes
{
    None,

    /// <summary><c>%XX</c> and <c>+</c>, as in forms.</summary>
    Percent,

    /// <summary><c>\uXXXX</c> and <c>\/</c>, as in JSON.</summary>
    Backslash,
}

/// <summary>
/// Undoes escapes while a body streams, for those who look for values in it: a form may encode any character it likes. What
/// is no escape stays as it is. Never longer than what came.
/// </summary>
internal sealed class Unescaper(BodyEscapes escapes)
{
    private readonly byte[] _open = new byte[6];
    private int _openLength;

    public void Append(ReadOnlySpan<byte> bytes, List<byte> output)
    {
        foreach (var octet in bytes)
        {
            if (_openLength > 0)
            {
                _open[_openLength++] = octet;
                Close(output);
            }
            else if (octet == (escapes is BodyEscapes.Percent ? (byte)'%' : (byte)'\\'))
            {
                _open[_openLength++] = octet;
            }
            else
            {
                output.Add(escapes is BodyEscapes.Percent && octet == '+' ? (byte)' ' : octet);
            }
        }
    }

    /// <summary>Looks whether the escape is whole, or none.</summary>
    private void Close(List<byte> output)
    {
        var isUnicode = escapes is BodyEscapes.Backslash && _open[1] == 'u';
        if (escapes is BodyEscapes.Backslash && !isUnicode)
        {
            output.Add(_open[1] is (byte)'n' ? (byte)'\n' : _open[1] is (byte)'t' ? (byte)'\t' : _open[1] is (byte)'r' ? (byte)'\r' : _open[1]);
            _openLength = 0;
            return;
        }

        var digits = isUnicode ? 2 : 1;
        var whole = isUnicode ? 6 : 3;
        if (_openLength > digits && !char.IsAsciiHexDigit((char)_open[_openLength - 1]))
        {
            // Not an escape: the last byte may begin one.
            var (last, length) = (_open[_openLength - 1], _openLength - 1);
            output.AddRange(_open.AsSpan(0, length));
            _openLength = 0;
            Append([last], output);
            return;
        }

        if (_openLength == whole)
        {
            var value = 0;
            foreach (var digit in _open.AsSpan(digits, whole - digits))
            {
                value = (value << 4) | Convert.ToInt32(((char)digit).ToString(), 16);
            }

            // Values that are looked for are ASCII; of the rest it matters only that it is something else.
            output.Add(value <= 0xff ? (byte)value : (byte)'?');
            _openLength = 0;
        }
    }
}
