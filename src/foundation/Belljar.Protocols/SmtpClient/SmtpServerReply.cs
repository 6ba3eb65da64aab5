using System.Globalization;

namespace Belljar.Protocols.SmtpClient;

/// <summary>What a server said (RFC 5321 §4.2).</summary>
/// <param name="Code">200–599.</param>
/// <param name="Enhanced">Of the class that <paramref name="Code"/> has; null when the server gave none.</param>
/// <param name="Lines">One at least, without codes of three digits; controls and broken UTF-8 are <c>?</c>.</param>
public sealed record SmtpServerReply(int Code, EnhancedStatus? Enhanced, IReadOnlyList<string> Lines)
{
    /// <summary>2yz: done.</summary>
    public bool IsPositive => Code is >= 200 and < 300;

    /// <summary>3yz: go on.</summary>
    public bool IsIntermediate => Code is >= 300 and < 400;

    /// <summary>4yz: not now.</summary>
    public bool IsTransient => Code is >= 400 and < 500;

    /// <summary>5yz: never.</summary>
    public bool IsPermanent => Code is >= 500 and < 600;

    /// <summary>On one line, as the server said it: <c>550 5.1.1 no such user</c>.</summary>
    public override string ToString() =>
        $"{Code.ToString(CultureInfo.InvariantCulture)} {string.Join(' ', Lines)}".TrimEnd();
}
