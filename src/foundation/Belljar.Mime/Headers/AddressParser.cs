using System.Text;

namespace Belljar.Mime.Headers;

/// <summary>
/// RFC 5322, 3.4 and 4.4, and what senders make of it. Structure is found in the raw bytes first and encoded words are decoded
/// afterwards, in names and comments alone: a comma or an angle bracket that hides inside one makes no second sender.
/// </summary>
internal ref partial struct AddressParser
{
    private readonly ReadOnlySpan<byte> _bytes;
    private readonly MimeMessage? _message;
    private readonly int _offset;
    private readonly List<MailAddress> _mailboxes = [];
    private readonly List<string> _groups = [];

    /// <summary>Words outside of angle brackets: what may become a display name or, without brackets, an address.</summary>
    private readonly List<Word> _words = [];
    private readonly List<string> _comments = [];
    private string? _angle;
    private string? _group;
    private bool _hasAt;
    private bool _hasDefects;
    private int _at;

    private AddressParser(ReadOnlySpan<byte> bytes, MimeMessage? message, int offset)
    {
        _bytes = bytes;
        _message = message;
        _offset = offset;
    }

    public static AddressList Parse(ReadOnlySpan<byte> value, MimeMessage? message, int offset)
    {
        var parser = new AddressParser(value.Trim(" \t\r\n"u8), message, offset);
        return parser.Read();
    }

    private AddressList Read()
    {
        var spaceBefore = false;
        while (_at < _bytes.Length)
        {
            var current = _bytes[_at];
            switch (current)
            {
                case (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n':
                    _at++;
                    spaceBefore = true;
                    continue;
                case (byte)'(':
                    _comments.Add(ReadComment());
                    spaceBefore = true;
                    continue;
                case (byte)'"':
                    _words.Add(new Word(ReadQuoted(), IsQuoted: true, spaceBefore));
                    break;
                case (byte)'<':
                    ReadAngle();
                    break;
                case (byte)',':
                    _at++;
                    EndMailbox();
                    break;
                case (byte)':' when _group is null && _angle is null && !_hasAt:
                    _at++;
                    StartGroup();
                    break;
                case (byte)';':
                    _at++;
                    EndMailbox();
                    _group = null;
                    break;
                default:
                    _words.Add(new Word(ReadAtom(), IsQuoted: false, spaceBefore));
                    _hasAt |= _words[^1].Has('@');
                    break;
            }

            spaceBefore = false;
        }

        EndMailbox();
        return new AddressList(_mailboxes, _groups, _hasDefects);
    }

    private void StartGroup()
    {
        _group = Phrase(_words.Count) ?? "";
        _groups.Add(_group);
        _hasAt = false;
        _words.Clear();
        _comments.Clear();
    }

    private void EndMailbox()
    {
        if (_angle is null && _words.Count > 0)
        {
            SplitAddressFromWords();
        }

        var comment = _comments.Count > 0 ? string.Join(' ', _comments) : null;
        if (_angle is { Length: > 0 })
        {
            var name = Phrase(_words.Count);
            _mailboxes.Add(new MailAddress(name ?? comment, _angle, name is null ? null : comment, _group));
        }
        else if (_words.Count > 0 || _angle is not null)
        {
            // A name and no address: nothing to send to, but something to see.
            _hasDefects = true;
            _mailboxes.Add(new MailAddress(Phrase(_words.Count) ?? comment, "", null, _group));
        }
        else
        {
            // An empty element (RFC 5322, 4.4), or comments alone.
        }

        _hasAt = false;
        _words.Clear();
        _comments.Clear();
        _angle = null;
    }

    /// <summary>
    /// Without angle brackets the last word with an <c>@</c> is the address, with the words that touch it: RFC 5322, 4.4 lets
    /// white space stand around its dots and its <c>@</c>. Words before it are a name that lacks its brackets.
    /// </summary>
    private void SplitAddressFromWords()
    {
        var at = _words.FindLastIndex(word => !word.IsQuoted && word.Has('@'));
        var (first, last) = at < 0 ? (0, 0) : (at, at);
        while (first > 0 && (!_words[first].SpaceBefore || _words[first].Bytes is [(byte)'@' or (byte)'.', ..] || _words[first - 1].EndsIn('.')))
        {
            first--;
        }

        while (last + 1 < _words.Count && (!_words[last + 1].SpaceBefore || _words[last].EndsIn('.') || _words[last].EndsIn('@') || _words[last + 1].Bytes is [(byte)'.', ..]))
        {
            last++;
        }

        if (at < 0 && last < _words.Count - 1)
        {
            // Several words and no @: no address among them.
            return;
        }

        var address = new List<byte>();
        foreach (var word in _words.GetRange(first, last - first + 1))
        {
            if (word.IsQuoted)
            {
                AddQuoted(address, word.Bytes);
            }
            else
            {
                address.AddRange(word.Bytes);
            }
        }

        _angle = HeaderText.Decode([.. address]).TrimEnd('>');
        _words.RemoveRange(first, last - first + 1);
        _hasDefects |= _words.Count > 0 || at < 0;
    }

    private readonly string? Phrase(int count)
    {
        var text = new List<byte>();
        for (var i = 0; i < count; i++)
        {
            if (i > 0 && (_words[i].SpaceBefore || _words[i].IsQuoted || _words[i - 1].IsQuoted))
            {
                text.Add((byte)' ');
            }

            text.AddRange(_words[i].Bytes);
        }

        return count == 0 ? null : DecodedUntrimmed(text);
    }

    private readonly string Decoded(List<byte> bytes) => EncodedWords.Decode([.. bytes], _message, _offset);

    /// <summary>White space inside quotes is the sender's wish.</summary>
    private readonly string DecodedUntrimmed(List<byte> bytes)
    {
        var text = bytes.ToArray();
        var inner = text.AsSpan().Trim(" \t"u8);
        var start = text.Length - text.AsSpan().TrimStart(" \t"u8).Length;
        return inner.IsEmpty
            ? HeaderText.Decode(text)
            : HeaderText.Decode(text.AsSpan(0, start)) + EncodedWords.Decode(inner, _message, _offset) + HeaderText.Decode(text.AsSpan(start + inner.Length));
    }

    private readonly record struct Word(byte[] Bytes, bool IsQuoted, bool SpaceBefore)
    {
        public bool Has(char c) => !IsQuoted && Bytes.AsSpan().Contains((byte)c);

        public bool EndsIn(char c) => Bytes.Length > 0 && Bytes[^1] == c;
    }
}
