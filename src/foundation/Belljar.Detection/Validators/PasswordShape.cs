using System.Buffers;

namespace Belljar.Detection.Validators;

/// <summary>
/// Whether what stands where a password belongs is one. People's passwords have no format; what can be told are
/// placeholders, names of variables, and words.
/// </summary>
internal static class PasswordShape
{
    private static readonly SearchValues<byte> PathCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789/._-"u8);

    /// <summary>Where the place itself says that a password stands there: a URL, a connection string, a header.</summary>
    public static bool IsPassword(ReadOnlySpan<byte> value) => value.Length >= 4 && Classes(value) >= 2 && !IsName(value) && !Placeholder.Holds(value);

    /// <summary>Where only a name says so, and code is full of such names: at least three kinds of character, a digit among them.</summary>
    public static bool IsStrongPassword(ReadOnlySpan<byte> value) =>
        value.Length >= 8 && value.ContainsAnyInRange((byte)'0', (byte)'9') && Classes(value) >= 3 && !IsName(value) && !IsPath(value) && !Uuid.IsOne(value)
        && !Placeholder.Holds(value);

    /// <summary><c>/etc/init.d/apache2</c>: directories in lower case. Random text hardly keeps to them.</summary>
    private static bool IsPath(ReadOnlySpan<byte> value) =>
        value[0] == '/' && value[1..].Contains((byte)'/') && !value.ContainsAnyExcept(PathCharacters);

    /// <summary>Lower case, upper case, digits, the rest.</summary>
    private static int Classes(ReadOnlySpan<byte> value)
    {
        var seen = 0;
        foreach (var c in value)
        {
            seen |= c switch
            {
                >= (byte)'a' and <= (byte)'z' => 1,
                >= (byte)'A' and <= (byte)'Z' => 2,
                >= (byte)'0' and <= (byte)'9' => 4,
                _ => 8,
            };
        }

        return int.PopCount(seen);
    }

    /// <summary>A constant, a path or a member: <c>DB_PASSWORD</c>, <c>config.db.password</c>, <c>/run/secrets/db</c>, <c>getPassword</c>.</summary>
    private static bool IsName(ReadOnlySpan<byte> value)
    {
        var changes = 0;
        for (var i = 0; i < value.Length; i++)
        {
            var c = (char)value[i];
            if (char.IsAsciiDigit(c) || (!char.IsAsciiLetter(c) && c is not ('_' or '.' or '/' or '-' or ':')))
            {
                return false;
            }

            changes += i > 0 && char.IsAsciiLetterLower(c) != char.IsAsciiLetterLower((char)value[i - 1]) ? 1 : 0;
        }

        // Random letters change case at every second place.
        return changes * 3 < value.Length;
    }
}
