using System.Text;

namespace Belljar.Decoys.Http;

/// <summary>
/// Finds a request's head in what has arrived, line by line, and stops where the product would. Free of I/O; each byte is
/// looked at once, however slowly it comes.
/// </summary>
internal sealed class HeadScanner(IHttpDialect dialect)
{
    // Long enough for every binary protocol's greeting; a long beginning is not judged again with each of its bytes.
    private const int LongestBeginning = 64;

    private readonly List<HeaderLine> _fields = [];
    private int _searched;
    private int _blankLines;
    private bool _hasBadField;

    /// <summary>How many bytes were used up.</summary>
    public int Consumed { get; private set; }

    public RequestLine? Line { get; private set; }

    public IReadOnlyList<HeaderLine> Fields => _fields;

    public HttpFault Fault { get; private set; }

    public bool IsComplete { get; private set; }

    public bool IsOver => IsComplete || Fault is not HttpFault.None;

    /// <param name="received">Everything from the request's first byte on; each call sees all that the one before saw.</param>
    public void Scan(ReadOnlySpan<byte> received)
    {
        while (!IsOver)
        {
            var lf = received[_searched..].IndexOf((byte)'\n');
            if (lf < 0)
            {
                _searched = received.Length;
                LookAtBeginning(received[Consumed..]);
                return;
            }

            var end = _searched + lf;
            var line = received[Consumed..end];
            _searched = Consumed = end + 1;
            Take(line);
        }
    }

    private void LookAtBeginning(ReadOnlySpan<byte> line)
    {
        if (line.Length > dialect.Limits.LongestLine || Consumed + line.Length > HttpLimits.LongestHead)
        {
            Fault = TooLong(line);
        }
        else if (Line is null && line.Length is > 0 and <= LongestBeginning && dialect.RefusesBeginning(line))
        {
            Break(line);
        }
    }

    private void Take(ReadOnlySpan<byte> line)
    {
        if (WithoutCr(line).Length > dialect.Limits.LongestLine || Consumed > HttpLimits.LongestHead)
        {
            Fault = TooLong(line);
        }
        else if (Line is null)
        {
            TakeRequestLine(line);
        }
        else if (line is [] or [(byte)'\r'])
        {
            (IsComplete, Fault) = (!_hasBadField, _hasBadField ? HttpFault.Malformed : HttpFault.None);
        }
        else if (_fields.Count >= dialect.Limits.MostFields)
        {
            Fault = HttpFault.TooManyFields;
        }
        else if (!_hasBadField && !dialect.TryReadField(line, _fields))
        {
            _hasBadField = true;
            Fault = dialect.RefusesFieldsAtEnd ? HttpFault.None : HttpFault.Malformed;
        }
    }

    private void TakeRequestLine(ReadOnlySpan<byte> line)
    {
        if (dialect.IsBlank(line) && _blankLines < dialect.Limits.MostBlankLines)
        {
            _blankLines++;
            return;
        }

        Line = dialect.ReadRequestLine(line);
        Fault = Line.Fault;
        IsComplete = Fault is HttpFault.None && Line.IsHttp09;
    }

    private HttpFault TooLong(ReadOnlySpan<byte> line)
    {
        if (Line is not null)
        {
            return HttpFault.FieldTooLong;
        }

        Break(line);
        return HttpFault.UriTooLong;
    }

    private void Break(ReadOnlySpan<byte> line)
    {
        Line = RequestLine.Broken(Encoding.Latin1.GetString(WithoutCr(line)));
        Fault = HttpFault.Malformed;
    }

    private static ReadOnlySpan<byte> WithoutCr(ReadOnlySpan<byte> line) => line is [.., (byte)'\r'] ? line[..^1] : line;
}
