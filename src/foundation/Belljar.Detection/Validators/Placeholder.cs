using System.Buffers;

namespace Belljar.Detection.Validators;

/// <summary>
/// Values that stand where a secret is to be filled in, or that name one: <c>changeme</c>, <c>your-token-here</c>,
/// <c>${TOKEN}</c>, <c>********</c>. Everyone writes them; nobody is harmed by them.
/// </summary>
internal static class Placeholder
{
    /// <summary>Found inside a value without regard to case. Each is so long that random values hold it by accident once in many thousands.</summary>
    private static readonly SearchValues<string> Words = SearchValues.Create(
        [
            "example", "placeholder", "changeme", "change_me", "change-me", "redacted", "removed", "dummy", "sample",
            "password", "passwort", "passwd", "secret", "token", "credential", "username", "apikey", "api_key", "api-key", "access_key",
            "your_", "your-", "yours", "insert", "replace", "fixme", "todo", "default", "undefined", "null", "none", "false", "string",
            "xxxx", "****", "....", "----", "____", "0000", "1111", "aaaa", "12345", "23456", "abcd", "abc123", "qwerty", "foobar", "foo:", "test", "fake", "mock", "encrypted",
            "localhost", "s3cr3t", "s3cret", "p4ss", "p@ss", "pa$$", "passw0rd", "letmein", "hunter2", "openstack",
        ],
        StringComparison.OrdinalIgnoreCase);

    private static readonly SearchValues<byte> Template = SearchValues.Create("<>{}[]()$"u8);

    public static bool Holds(ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty || value[0] is (byte)'%' or (byte)'@' or (byte)'#' or (byte)'&' || value.StartsWith("**"u8) || value.ContainsAny(Template))
        {
            return true;
        }

        Span<char> text = stackalloc char[Math.Min(value.Length, 512)];
        for (var i = 0; i < text.Length; i++)
        {
            text[i] = (char)value[i];
        }

        return text.ContainsAny(Words);
    }
}
