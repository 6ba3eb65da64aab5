using System.Text;

namespace Belljar.Mime.Text;

/// <summary>Lays words out in lines: collapses white space, keeps at most one empty line, and begins lines with their quotes and indents.</summary>
internal sealed class TextLayout
{
    private const int MostCharacters = 4 * 1024 * 1024;
    private const int DeepestQuote = 10;
    private const int DeepestIndent = 10;

    private readonly StringBuilder _text = new();
    private int _breaks;
    private int _lastQuote;
    private bool _space;
    private string? _mark;
    private string? _separator;

    public bool IsFull => _text.Length > MostCharacters;

    /// <summary>Levels of quotation of what follows.</summary>
    public int Quote { get; set; }

    /// <summary>Levels of lists in which what follows stands.</summary>
    public int Indent { get; set; }

    /// <summary>Characters so far: a place that can be asked about later.</summary>
    public int Length => _text.Length;

    /// <summary>Nothing has been written on the line at hand.</summary>
    public bool IsLineEmpty => _text.Length == 0 || _breaks > 0;

    /// <summary>What was written since.</summary>
    public string Since(int length) => _text.ToString(Math.Min(length, _text.Length), _text.Length - Math.Min(length, _text.Length));

    /// <summary>The next visible character begins a line of its own, behind an empty line if two are asked for.</summary>
    public void Break(int lines)
    {
        _breaks = _text.Length == 0 ? 0 : Math.Max(_breaks, lines);
        (_space, _separator) = (false, null);
    }

    /// <summary>Stands in front of the next visible character, if that is still on this line.</summary>
    public void Separate(string separator) => _separator = IsLineEmpty ? null : separator;

    /// <summary>One more line end, empty lines included.</summary>
    public void BreakLine() => Break(Math.Min(_breaks + 1, 2));

    /// <summary>Stands in front of the next visible character, at the start of its line.</summary>
    public void Mark(string mark) => _mark = mark;

    public void Append(ReadOnlySpan<char> text, bool keepSpaces)
    {
        foreach (var c in text)
        {
            if (c == '\n' && keepSpaces)
            {
                BreakLine();
            }
            else if (c is ' ' or '\t' or '\r' or '\n' or '\f' or '\u00a0')
            {
                Space(keepSpaces);
            }
            else
            {
                Write(c);
            }
        }
    }

    public override string ToString() => _text.ToString();

    private void Space(bool keep)
    {
        if (!keep)
        {
            _space |= !IsLineEmpty;
            return;
        }

        if (IsLineEmpty)
        {
            StartLine();
            _breaks = 0;
        }

        _text.Append(' ');
    }

    private void Write(char c)
    {
        if (IsFull)
        {
            return;
        }

        if (IsLineEmpty)
        {
            StartLine();
        }
        else if (_space || _separator is not null)
        {
            _text.Append(_separator ?? " ");
        }

        (_space, _breaks, _separator) = (false, 0, null);
        _text.Append(c);
    }

    private void StartLine()
    {
        var quote = Math.Min(Quote, DeepestQuote);
        for (var line = 0; line < _breaks; line++)
        {
            // An empty line between two quoted ones is quoted too.
            _text.Append('>', line > 0 ? Math.Min(quote, _lastQuote) : 0).Append('\n');
        }

        _lastQuote = quote;

        _text.Append('>', quote).Append(quote > 0 ? " " : "").Append(' ', 2 * Math.Clamp(Indent - (_mark is null ? 0 : 1), 0, DeepestIndent)).Append(_mark);
        _mark = null;
    }
}
