using System.Buffers;

namespace Belljar.Protocols.Http1;

/// <summary>The character classes of RFC 9110 §5.6.2 and RFC 3986.</summary>
internal static class Octets
{
    /// <summary>tchar.</summary>
    public static readonly SearchValues<byte> Token = SearchValues.Create(
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    /// <summary>Never in a field value or reason phrase: every control byte but HTAB.</summary>
    public static readonly SearchValues<byte> Control = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Where(b => b is not '\t').Select(b => (byte)b), 0x7f]);

    /// <summary>
    /// What may stand in a request target: visible ASCII without the delimiters that RFC 3986 excludes and that readers
    /// repair in different ways (backslash, quotes, angle brackets). <c>|{}^`</c> are sent unescaped by common clients.
    /// </summary>
    public static readonly SearchValues<byte> Target = SearchValues.Create(
        [.. Enumerable.Range(0x21, 0x5e).Where(b => b is not ('\\' or '"' or '<' or '>' or '#')).Select(b => (byte)b)]);

    public static readonly SearchValues<byte> HostName = SearchValues.Create(
        "-._0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    public static bool IsToken(ReadOnlySpan<byte> text) => !text.IsEmpty && !text.ContainsAnyExcept(Token);

    /// <summary>Without the optional white space (SP, HTAB) around it.</summary>
    public static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> text) => text.Trim(" \t"u8);
}
