using System.Runtime.InteropServices;

namespace Belljar.Protocols.SmtpClient;

/// <summary>An enhanced status code (RFC 3463): <c>5.1.1</c>.</summary>
/// <param name="Class">2, 4 or 5.</param>
/// <param name="Subject">0–999.</param>
/// <param name="Detail">0–999.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct EnhancedStatus(int Class, int Subject, int Detail)
{
    /// <summary>Reads the code that a text begins with; a space or the end follows it.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out EnhancedStatus status)
    {
        status = default;
        var end = text.IndexOf(' ');
        var word = end < 0 ? text : text[..end];
        Span<Range> parts = stackalloc Range[4];
        if (word.Split(parts, '.') != 3 || word[parts[0]] is not ("2" or "4" or "5")
            || !TryNumber(word[parts[1]], out var subject) || !TryNumber(word[parts[2]], out var detail))
        {
            return false;
        }

        status = new EnhancedStatus(word[0] - '0', subject, detail);
        return true;
    }

    public override string ToString() => $"{Class}.{Subject}.{Detail}";

    private static bool TryNumber(ReadOnlySpan<char> digits, out int number)
    {
        number = 0;
        if (digits.Length is 0 or > 3 || digits.ContainsAnyExceptInRange('0', '9'))
        {
            return false;
        }

        number = int.Parse(digits);
        return true;
    }
}
