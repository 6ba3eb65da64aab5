using System.Text;

namespace Belljar.Detection.Patterns;

/// <summary>Escapes and bracket expressions.</summary>
internal sealed partial class PatternParser
{
    private Node ReadEscape()
    {
        if (_at >= _text.Length)
        {
            throw Wrong("a backslash stands last");
        }

        var c = _text[_at];
        if (c == 'Q')
        {
            return ReadQuoted();
        }

        var assertion = c switch
        {
            'A' => AssertionKind.TextStart,
            'z' or 'Z' => AssertionKind.TextEnd,
            'b' => AssertionKind.WordBoundary,
            'B' => AssertionKind.NotWordBoundary,
            _ => (AssertionKind?)null,
        };
        if (assertion is { } kind)
        {
            _at++;
            return new Node.Assertion(kind);
        }

        return TryReadClassEscape(out var set) ? new Node.Bytes(set) : Literal(ReadCharacterEscape());
    }

    private Node.Sequence ReadQuoted()
    {
        var end = _text.IndexOf("\\E", ++_at, StringComparison.Ordinal);
        var stop = end < 0 ? _text.Length : end;
        var items = new List<Node>();
        while (_at < stop)
        {
            items.Add(Literal(ReadRune()));
        }

        _at = end < 0 ? stop : end + 2;
        return new Node.Sequence(items);
    }

    /// <summary>At the character after the backslash; moves only when it was a class.</summary>
    private bool TryReadClassEscape(out ByteSet set)
    {
        var c = _text[_at];
        ByteSet? found = c switch
        {
            'd' => ByteSet.Digit,
            'D' => ~ByteSet.Digit,
            'w' => ByteSet.Word,
            'W' => ~ByteSet.Word,
            's' => ByteSet.Space,
            'S' => ~ByteSet.Space,
            'C' => ByteSet.All,
            _ => null,
        };
        if (found is { } known)
        {
            _at++;
            set = known;
            return true;
        }

        if (c is 'p' or 'P')
        {
            _at++;
            set = ReadUnicodeClass();
            set = c == 'P' ? ~set | ByteSet.NotAscii : set;
            return true;
        }

        set = default;
        return false;
    }

    /// <summary>The general categories that people write; what is not ASCII counts as belonging to all of them.</summary>
    private ByteSet ReadUnicodeClass()
    {
        var name = _at < _text.Length ? _text[_at++].ToString() : throw Wrong("\\p stands last");
        if (name == "{")
        {
            var end = _text.IndexOf('}', _at);
            name = end < 0 ? throw Wrong("\\p{ has no end") : _text[_at..end];
            _at = end + 1;
        }

        var upper = ByteSet.Range('A', 'Z');
        var lower = ByteSet.Range('a', 'z');
        return ByteSet.NotAscii | name switch
        {
            "L" or "Latin" => upper | lower,
            "Lu" => upper,
            "Ll" => lower,
            "N" or "Nd" => ByteSet.Digit,
            "P" => Punctuation & ~(ByteSet.Of('$') | ByteSet.Of('+') | ByteSet.Of('<') | ByteSet.Of('=') | ByteSet.Of('>') | ByteSet.Of('^') | ByteSet.Of('`') | ByteSet.Of('|') | ByteSet.Of('~')),
            "S" => ByteSet.Of('$') | ByteSet.Of('+') | ByteSet.Of('<') | ByteSet.Of('=') | ByteSet.Of('>') | ByteSet.Of('^') | ByteSet.Of('`') | ByteSet.Of('|') | ByteSet.Of('~'),
            "Z" or "Zs" => ByteSet.Of(' '),
            "M" or "Lo" or "Lm" => ByteSet.Empty,
            _ => throw Wrong($"the class {name} is not known here"),
        };
    }

    private Rune ReadCharacterEscape()
    {
        var c = _text[_at++];
        switch (c)
        {
            case 'n': return new Rune('\n');
            case 't': return new Rune('\t');
            case 'r': return new Rune('\r');
            case 'f': return new Rune('\f');
            case 'v': return new Rune('\v');
            case 'a': return new Rune('\a');
            case 'x': return ReadHex();
            case >= '0' and <= '7' when c == '0' || (_at < _text.Length && _text[_at] is >= '0' and <= '7'):
                return ReadOctal(c);
            case >= '1' and <= '9':
                throw Wrong("back-references are not in RE2's syntax");
        }

        if (char.IsAsciiLetterOrDigit(c))
        {
            throw Wrong($"\\{c} means nothing");
        }

        _at--;
        return ReadRune();
    }

    private Rune ReadOctal(char first)
    {
        var value = first - '0';
        for (var digits = 1; digits < 3 && _at < _text.Length && _text[_at] is >= '0' and <= '7'; digits++)
        {
            value = (value * 8) + _text[_at++] - '0';
        }

        return new Rune(value);
    }

    private Rune ReadHex()
    {
        var (from, to) = (_at, _at + 2);
        if (TryTake('{'))
        {
            from = _at;
            to = _text.IndexOf('}', _at);
            _at = to + 1;
        }
        else
        {
            _at = to;
        }

        if (to > _text.Length || to <= from || to - from > 6
            || !int.TryParse(_text.AsSpan(from, to - from), System.Globalization.NumberStyles.AllowHexSpecifier, null, out var value)
            || !Rune.IsValid(value))
        {
            throw Wrong("\\x needs two hexadecimal digits, or more in braces");
        }

        return new Rune(value);
    }

    private ByteSet ReadBrackets()
    {
        var negated = TryTake('^');
        var set = ByteSet.Empty;
        for (var first = true; ; first = false)
        {
            if (_at >= _text.Length)
            {
                throw Wrong("a [ has no ]");
            }

            if (!first && TryTake(']'))
            {
                break;
            }

            set |= Looks("[:") && TryReadNamedClass(out var named) ? named : ReadRange();
        }

        if (_flags.HasFlag(Flags.NoCase))
        {
            set = set.Folded();
        }

        // A negated class matches what is not ASCII as well, whichever of it was named.
        return negated ? ~set | (NamesAllOf(set) ? ByteSet.Empty : ByteSet.NotAscii) : set;
    }

    private static bool NamesAllOf(ByteSet set) => (set & ByteSet.NotAscii) == ByteSet.NotAscii && (set & ~ByteSet.NotAscii) == ~ByteSet.NotAscii;

    private ByteSet ReadRange()
    {
        if (_text[_at] == '\\')
        {
            _at++;
            if (_at >= _text.Length)
            {
                throw Wrong("a backslash stands last");
            }

            if (TryReadClassEscape(out var set))
            {
                return set;
            }

            _at--;
        }

        var low = ReadBracketRune();
        var high = low;
        if (_at + 1 < _text.Length && _text[_at] == '-' && _text[_at + 1] != ']')
        {
            _at++;
            high = ReadBracketRune();
            if (high < low)
            {
                throw Wrong("a range runs backwards");
            }
        }

        // Bytes of multi-byte characters cannot be told apart one by one: any of them stands for all.
        var ascii = low.IsAscii ? ByteSet.Range(low.Value, Math.Min(high.Value, 0x7f)) : ByteSet.Empty;
        return high.IsAscii ? ascii : ascii | ByteSet.NotAscii;
    }

    private Rune ReadBracketRune()
    {
        if (_at < _text.Length && _text[_at] == '\\' && _at + 1 < _text.Length)
        {
            _at++;
            return ReadCharacterEscape();
        }

        return _at < _text.Length ? ReadRune() : throw Wrong("a [ has no ]");
    }

    private static readonly ByteSet Punctuation = ByteSet.Range('!', '/') | ByteSet.Range(':', '@') | ByteSet.Range('[', '`') | ByteSet.Range('{', '~');

    /// <summary><c>[:alnum:]</c> and its relatives; ASCII alone, as in RE2.</summary>
    private bool TryReadNamedClass(out ByteSet set)
    {
        set = default;
        var end = _text.IndexOf(":]", _at + 2, StringComparison.Ordinal);
        if (end < 0)
        {
            return false;
        }

        var name = _text.AsSpan(_at + 2, end - _at - 2);
        var negated = name.StartsWith("^");
        ByteSet? found = (negated ? name[1..] : name) switch
        {
            "alnum" => ByteSet.Word & ~ByteSet.Of('_'),
            "alpha" => ByteSet.Range('A', 'Z') | ByteSet.Range('a', 'z'),
            "ascii" => ~ByteSet.NotAscii,
            "blank" => ByteSet.Of(' ') | ByteSet.Of('\t'),
            "cntrl" => ByteSet.Range(0, 31) | ByteSet.Of(127),
            "digit" => ByteSet.Digit,
            "graph" => ByteSet.Range('!', '~'),
            "lower" => ByteSet.Range('a', 'z'),
            "print" => ByteSet.Range(' ', '~'),
            "punct" => Punctuation,
            "space" => ByteSet.Range('\t', '\r') | ByteSet.Of(' '),
            "upper" => ByteSet.Range('A', 'Z'),
            "word" => ByteSet.Word,
            "xdigit" => ByteSet.Digit | ByteSet.Range('A', 'F') | ByteSet.Range('a', 'f'),
            _ => null,
        };
        if (found is not { } known)
        {
            throw Wrong($"there is no class [:{name}:]");
        }

        _at = end + 2;
        set = negated ? ~known : known;
        return true;
    }
}
