namespace Belljar.Toml;

/// <summary>Turns offsets into lines and columns. Offsets asked in rising order cost one pass in all.</summary>
internal ref struct LineCounter(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _at;
    private int _line = 1;
    private int _column = 1;

    public TomlPosition Find(int offset)
    {
        if (offset < _at)
        {
            Rewind(offset);
        }

        for (; _at < offset && _at < _bytes.Length; _at++)
        {
            var value = _bytes[_at];
            if (value == '\n')
            {
                (_line, _column) = (_line + 1, 1);
            }
            else if ((value & 0xC0) != 0x80)
            {
                // Continuation bytes of UTF-8 are no characters of their own.
                _column++;
            }
        }

        return new TomlPosition(_line, _column);
    }

    /// <summary>A few bytes back within a line, from a value to its key; the parser never asks for more.</summary>
    private void Rewind(int offset)
    {
        while (_at > offset)
        {
            _at--;
            if (_bytes[_at] == '\n')
            {
                (_at, _line, _column) = (0, 1, 1);
                return;
            }

            _column -= (_bytes[_at] & 0xC0) != 0x80 ? 1 : 0;
        }
    }
}
