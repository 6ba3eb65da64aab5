using System.Text;

namespace Belljar.Decoys.Http.Nginx;

/// <summary>
/// nginx's reading of the first line: capital letters and underscores, spaces in any number, a path or an absolute URI,
/// a version of any minor number; spaces may follow.
/// </summary>
internal ref struct NginxRequestLine(ReadOnlySpan<byte> line)
{
    private readonly ReadOnlySpan<byte> _line = line;
    private int _at;

    /// <summary>Whether a line that goes on after these bytes can still be a request.</summary>
    public static bool CanBegin(ReadOnlySpan<byte> beginning)
    {
        var method = MethodLength(beginning);
        return method == beginning.Length || (method > 0 && beginning[method] == ' ');
    }

    public static RequestLine Read(ReadOnlySpan<byte> line) =>
        new NginxRequestLine(line).Read() ?? RequestLine.Broken(Encoding.Latin1.GetString(line.TrimEnd((byte)'\r')));

    private static int MethodLength(ReadOnlySpan<byte> line)
    {
        var length = 0;
        while (length < line.Length && line[length] is (>= (byte)'A' and <= (byte)'Z') or (byte)'_')
        {
            length++;
        }

        return length;
    }

    private RequestLine? Read()
    {
        var method = Take(MethodLength(_line));
        if (method.Length == 0 || !SkipSpaces())
        {
            return null;
        }

        var target = Take(TargetLength());
        if (target.Length == 0 || (target[0] != '/' && !IsAbsolute(target)))
        {
            return null;
        }

        SkipSpaces();
        if (IsAtEnd)
        {
            return new RequestLine(method, target, 0, 9) { Fault = method is "GET" ? HttpFault.None : HttpFault.Malformed };
        }

        if (!TryVersion(out var major, out var minor))
        {
            return null;
        }

        var request = new RequestLine(method, target, major, minor);
        return major > 1 ? request with { Fault = HttpFault.VersionNotSupported } : request;
    }

    private readonly bool IsAtEnd => _line[_at..] is [] or [(byte)'\r'];

    private bool SkipSpaces()
    {
        var start = _at;
        while (_at < _line.Length && _line[_at] == ' ')
        {
            _at++;
        }

        return _at > start;
    }

    private readonly int TargetLength()
    {
        var rest = _line[_at..];
        var length = rest.IndexOf((byte)' ');
        length = length < 0 ? rest.Length - (rest is [.., (byte)'\r'] ? 1 : 0) : length;
        foreach (var b in rest[..length])
        {
            if (b is < 0x20 or 0x7f)
            {
                return 0;
            }
        }

        return length;
    }

    private static bool IsAbsolute(string target)
    {
        var scheme = target.IndexOf("://", StringComparison.Ordinal);
        return scheme > 0 && target.AsSpan(0, scheme).IndexOfAnyExcept(Letters) < 0
            && scheme + 3 < target.Length && (char.IsAsciiLetterOrDigit(target[scheme + 3]) || target[scheme + 3] == '[');
    }

    private static readonly System.Buffers.SearchValues<char> Letters =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

    private bool TryVersion(out int major, out int minor)
    {
        (major, minor) = (0, 0);
        if (!_line[_at..].StartsWith("HTTP/"u8))
        {
            return false;
        }

        _at += 5;
        // The first digit of the major version is not 0: HTTP/0.9 and HTTP/01.1 are no versions.
        if (_at >= _line.Length || _line[_at] == '0' || !TryNumber(out major) || _at >= _line.Length || _line[_at++] != '.' || !TryNumber(out minor))
        {
            return false;
        }

        SkipSpaces();
        return IsAtEnd;
    }

    private bool TryNumber(out int number)
    {
        var start = _at;
        number = 0;
        while (_at < _line.Length && char.IsAsciiDigit((char)_line[_at]) && number <= 99)
        {
            number = (number * 10) + _line[_at++] - '0';
        }

        return _at > start && number <= 99;
    }

    private string Take(int length)
    {
        var text = Encoding.Latin1.GetString(_line.Slice(_at, length));
        _at += length;
        return text;
    }
}
