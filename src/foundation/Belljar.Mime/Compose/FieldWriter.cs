using System.Buffers;
using System.Text;
using Belljar.Mime.Headers;

namespace Belljar.Mime.Compose;

/// <summary>
/// Writes header fields, folded at 76 columns where there is white space to fold at (RFC 5322, 2.2.3). With
/// <paramref name="isUtf8"/> text stands as it is (RFC 6532), else what is not ASCII becomes encoded words (RFC 2047).
/// </summary>
internal sealed class FieldWriter(IBufferWriter<byte> output, bool isUtf8)
{
    private const int Width = 76;

    /// <summary>Characters of one encoded word: RFC 2047, 2 allows 75, less leaves room for the field's name before it.</summary>
    private const int LongestEncodedWord = 60;

    /// <summary>Characters of a word that can stand on a line as it is (RFC 5322, 2.1.1).</summary>
    private const int LongestWord = 900;
    private static readonly SearchValues<char> AtomCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-/=?^_`{|}~");

    public void Text(string name, string value) => Field(name, Words(value, isPhrase: false));

    /// <summary>Words as they are, folded between them.</summary>
    public void Structured(string name, params IEnumerable<string> words) => Field(name, words);

    public void Addresses(string name, IReadOnlyList<MailAddress> addresses)
    {
        if (addresses.Count > 0)
        {
            Field(name, addresses.SelectMany((address, index) => Mailbox(address, index < addresses.Count - 1 ? "," : "")));
        }
    }

    public void EmptyLine() => output.Write("\r\n"u8);

    /// <summary>Control characters cannot be in a field: each becomes a space.</summary>
    public static string WithoutControls(string text) =>
        text.AsSpan().ContainsAnyInRange('\0', '\u001f') || text.AsSpan().ContainsAnyInRange('\u007f', '\u009f')
            ? string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c))
            : text;

    /// <summary>A quoted string (RFC 5322, 3.2.4).</summary>
    public static string Quoted(string text) =>
        $"\"{text.Replace("\\", @"\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    private void Field(string name, IEnumerable<string> words)
    {
        var line = new StringBuilder(name).Append(':');
        foreach (var word in words)
        {
            if (line.Length + 1 + word.Length > Width && line.Length > 1 && line[^1] != ' ')
            {
                Line(line);
            }

            line.Append(' ').Append(word);
        }

        Line(line);
    }

    private void Line(StringBuilder line)
    {
        output.Write(Encoding.UTF8.GetBytes(line.Append("\r\n").ToString()));
        line.Clear();
    }

    private IEnumerable<string> Mailbox(MailAddress address, string end)
    {
        if (!address.IsValid)
        {
            throw new ArgumentException("An address of the message is not valid.", nameof(address));
        }

        var domain = isUtf8 ? address.Domain : address.AsciiDomain;
        var spec = $"{address.LocalPart}@{domain}";
        return address.DisplayName is { Length: > 0 } name ? [.. Words(name, isPhrase: true), $"<{spec}>{end}"] : [spec + end];
    }

    private IEnumerable<string> Words(string text, bool isPhrase)
    {
        text = WithoutControls(text);
        if (text.Length == 0)
        {
            return [];
        }

        var needsEncoding = (!isUtf8 && !Ascii.IsValid(text)) || text.Contains("=?", StringComparison.Ordinal) || text.Contains("  ", StringComparison.Ordinal)
            || text.StartsWith(' ') || text.EndsWith(' ') || text.Split(' ').Any(word => word.Length > LongestWord);
        if (needsEncoding)
        {
            return Encoded(text);
        }

        return !isPhrase || text.Split(' ').All(IsAtom) ? text.Split(' ') : Quoted(text).Split(' ');
    }

    private bool IsAtom(string word) => word.Length > 0 && !word.Where(c => c < 0x80 || !isUtf8).Any(c => !AtomCharacters.Contains(c));

    /// <summary>Encoded words in UTF-8, of whole characters, B or Q, whichever is shorter.</summary>
    private static List<string> Encoded(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var useQ = bytes.Count(IsPlainQ) > bytes.Length / 2;
        var room = LongestEncodedWord - "=?utf-8?q??=".Length;
        var word = new StringBuilder();
        var pending = new List<byte>();
        Span<byte> buffer = stackalloc byte[4];
        var words = new List<string>();
        foreach (var rune in text.EnumerateRunes())
        {
            var length = rune.EncodeToUtf8(buffer);
            var cost = useQ ? Q(buffer[..length]).Length : 0;
            if (useQ ? word.Length + cost > room : (pending.Count + length + 2) / 3 * 4 > room)
            {
                words.Add(Finish());
            }

            word.Append(useQ ? Q(buffer[..length]) : "");
            pending.AddRange(buffer[..length]);
        }

        words.Add(Finish());
        return words;

        string Finish()
        {
            var encoded = useQ ? $"=?utf-8?q?{word}?=" : $"=?utf-8?b?{Convert.ToBase64String([.. pending])}?=";
            word.Clear();
            pending.Clear();
            return encoded;
        }
    }

    private static string Q(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        foreach (var octet in bytes)
        {
            _ = octet == ' ' ? text.Append('_') : IsPlainQ(octet) ? text.Append((char)octet) : text.Append('=').Append(octet.ToString("X2"));
        }

        return text.ToString();
    }

    /// <summary>RFC 2047, 5 (3): what may stand for itself even in a display name.</summary>
    private static bool IsPlainQ(byte octet) => octet == ' ' || char.IsAsciiLetterOrDigit((char)octet) || octet is (byte)'!' or (byte)'*' or (byte)'+' or (byte)'-' or (byte)'/';
}
