using System.Text;

namespace Belljar.Detection.Patterns;

/// <summary>
/// Reads RE2's syntax (https://github.com/google/re2/wiki/Syntax) into a tree over bytes. What needs backtracking, that is
/// back-references and look-around, is not in that syntax and is refused.
/// </summary>
internal sealed partial class PatternParser
{
    private const int DeepestNesting = 200;
    private const int MostRepeats = 1000;

    private readonly string _text;
    private readonly List<string> _groupNames = [""];
    private int _at;
    private int _depth;
    private Flags _flags;

    private PatternParser(string text) => _text = text;

    /// <exception cref="PatternException">The pattern is not RE2.</exception>
    public static (Node Tree, IReadOnlyList<string> GroupNames) Parse(string text)
    {
        var parser = new PatternParser(text);
        var tree = parser.ReadChoice();
        if (parser._at < text.Length)
        {
            throw parser.Wrong("there is a ) without its (");
        }

        return (tree, parser._groupNames);
    }

    private Node ReadChoice()
    {
        if (++_depth > DeepestNesting)
        {
            throw Wrong("groups are nested too deeply");
        }

        var branches = new List<Node> { ReadSequence() };
        while (TryTake('|'))
        {
            branches.Add(ReadSequence());
        }

        _depth--;
        return branches.Count == 1 ? branches[0] : new Node.Choice(branches);
    }

    private Node ReadSequence()
    {
        var items = new List<Node>();
        while (_at < _text.Length && _text[_at] is not ('|' or ')'))
        {
            var isQuoted = Looks("\\Q");
            var item = ReadItem();
            if (isQuoted && item is Node.Sequence { Items.Count: > 0 } quoted)
            {
                // A count after \E is the last character's.
                items.AddRange(quoted.Items.SkipLast(1));
                item = quoted.Items[^1];
            }

            if (item is not null)
            {
                items.Add(ReadRepeats(item));
            }
        }

        return items.Count switch { 0 => new Node.Nothing(), 1 => items[0], _ => new Node.Sequence(items) };
    }

    /// <returns>Null for what stands for nothing: flags.</returns>
    private Node? ReadItem()
    {
        var c = _text[_at++];
        switch (c)
        {
            case '(':
                return ReadGroup();
            case '[':
                return new Node.Bytes(ReadBrackets());
            case '.':
                return new Node.Bytes(_flags.HasFlag(Flags.DotIsAll) ? ByteSet.All : ~ByteSet.Newline);
            case '^':
                return new Node.Assertion(_flags.HasFlag(Flags.ManyLines) ? AssertionKind.LineStart : AssertionKind.TextStart);
            case '$':
                return new Node.Assertion(_flags.HasFlag(Flags.ManyLines) ? AssertionKind.LineEnd : AssertionKind.TextEnd);
            case '*' or '+' or '?':
                throw Wrong($"there is nothing for {c} to repeat");
            case '\\':
                return ReadEscape();
            default:
                _at--;
                return Literal(ReadRune());
        }
    }

    private Node? ReadGroup()
    {
        var outer = _flags;
        if (!TryTake('?'))
        {
            return ReadNumbered("", outer);
        }

        if (TryTake("P<") || (_at < _text.Length && _text[_at] == '<' && !Looks("<=") && !Looks("<!") && TryTake('<')))
        {
            var end = _text.IndexOf('>', _at);
            if (end < 0)
            {
                throw Wrong("a group's name has no end");
            }

            var name = _text[_at..end];
            _at = end + 1;
            return ReadNumbered(name, outer);
        }

        return ReadFlags(outer);
    }

    private Node.Group ReadNumbered(string name, Flags outer)
    {
        var number = _groupNames.Count;
        _groupNames.Add(name);
        var inside = ReadChoice();
        Close(outer);
        return new Node.Group(number, inside);
    }

    /// <summary><c>(?i)</c> holds to the end of the group around it, <c>(?i:…)</c> inside only.</summary>
    private Node? ReadFlags(Flags outer)
    {
        var on = true;
        while (_at < _text.Length)
        {
            var c = _text[_at++];
            var flag = c switch { 'i' => Flags.NoCase, 'm' => Flags.ManyLines, 's' => Flags.DotIsAll, 'U' => Flags.Lazy, _ => Flags.None };
            if (flag != Flags.None)
            {
                _flags = on ? _flags | flag : _flags & ~flag;
                continue;
            }

            switch (c)
            {
                case '-' when on:
                    on = false;
                    break;
                case ')':
                    return null;
                case ':':
                    var inside = ReadChoice();
                    Close(outer);
                    return inside;
                default:
                    throw Wrong("this kind of group is not in RE2's syntax");
            }
        }

        throw Wrong("a group has no end");
    }

    private void Close(Flags outer)
    {
        if (!TryTake(')'))
        {
            throw Wrong("a ( has no )");
        }

        _flags = outer;
    }

    private Node ReadRepeats(Node item)
    {
        var repeats = 0;
        while (TryReadCount(out var min, out var max))
        {
            if (++repeats > 1)
            {
                throw Wrong("one repetition directly after another");
            }

            var greedy = !TryTake('?');
            if (_flags.HasFlag(Flags.Lazy))
            {
                greedy = !greedy;
            }

            item = new Node.Repeat(item, min, max, greedy);
        }

        return item;
    }

    private bool TryReadCount(out int min, out int? max)
    {
        (min, max) = (0, null);
        if (TryTake('*'))
        {
            return true;
        }

        if (TryTake('+'))
        {
            min = 1;
            return true;
        }

        if (TryTake('?'))
        {
            max = 1;
            return true;
        }

        return _at < _text.Length && _text[_at] == '{' && TryReadBraces(out min, out max);
    }

    /// <summary>Braces that are no count are literal.</summary>
    private bool TryReadBraces(out int min, out int? max)
    {
        (min, max) = (0, null);
        var end = _text.IndexOf('}', _at);
        if (end < 0)
        {
            return false;
        }

        var inside = _text.AsSpan(_at + 1, end - _at - 1);
        var comma = inside.IndexOf(',');
        if (!TryReadNumber(comma < 0 ? inside : inside[..comma], out min))
        {
            return false;
        }

        max = min;
        if (comma >= 0)
        {
            max = null;
            if (comma + 1 < inside.Length)
            {
                if (!TryReadNumber(inside[(comma + 1)..], out var most))
                {
                    return false;
                }

                max = most;
            }
        }

        if (min > MostRepeats || max > MostRepeats || max < min)
        {
            throw Wrong($"a count is at most {MostRepeats} and in order");
        }

        _at = end + 1;
        return true;
    }

    private static bool TryReadNumber(ReadOnlySpan<char> text, out int number)
    {
        number = 0;
        return text.Length is > 0 and < 6 && !text.ContainsAnyExceptInRange('0', '9') && int.TryParse(text, out number);
    }

    private Node Literal(Rune rune)
    {
        if (rune.IsAscii)
        {
            var set = ByteSet.Of(rune.Value);
            return new Node.Bytes(_flags.HasFlag(Flags.NoCase) ? set.Folded() : set);
        }

        Span<byte> utf8 = stackalloc byte[4];
        var length = rune.EncodeToUtf8(utf8);
        var items = new Node[length];
        for (var i = 0; i < length; i++)
        {
            items[i] = new Node.Bytes(ByteSet.Of(utf8[i]));
        }

        return new Node.Sequence(items);
    }

    private Rune ReadRune()
    {
        if (!Rune.TryGetRuneAt(_text, _at, out var rune))
        {
            throw Wrong("half of a surrogate pair");
        }

        _at += rune.Utf16SequenceLength;
        return rune;
    }

    private bool Looks(string text) => _text.AsSpan(_at).StartsWith(text, StringComparison.Ordinal);

    private bool TryTake(string text)
    {
        if (!Looks(text))
        {
            return false;
        }

        _at += text.Length;
        return true;
    }

    private bool TryTake(char c)
    {
        if (_at >= _text.Length || _text[_at] != c)
        {
            return false;
        }

        _at++;
        return true;
    }

    private PatternException Wrong(string why) => new($"{why} (at character {_at})");

    [Flags]
    private enum Flags
    {
        None = 0,
        NoCase = 1,
        ManyLines = 2,
        DotIsAll = 4,
        Lazy = 8,
    }
}
