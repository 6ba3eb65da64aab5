using System.Globalization;
using System.Text;

namespace Belljar.Protocols.Smtp;

/// <summary>One reply (RFC 5321 §4.2), already in the form that travels. Replies without variable parts are made once and shared.</summary>
public sealed class SmtpReply
{
    private readonly byte[] _wire;

    /// <param name="code">Three digits, 200–599.</param>
    /// <param name="enhanced">The enhanced status code (RFC 3463), <c>5.1.1</c>; null where RFC 2034 §4 wants none: greeting, HELO, EHLO, 3yz.</param>
    /// <param name="lines">At least one; what is not printable ASCII is written as <c>?</c>, so that no line can be forged.</param>
    /// <exception cref="ArgumentException">The codes disagree in their first digit, or there is no line.</exception>
    public SmtpReply(int code, string? enhanced, params ReadOnlySpan<string> lines)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(code, 200);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(code, 599);
        if (lines.IsEmpty || (enhanced is not null && enhanced[0] - '0' != code / 100))
        {
            throw new ArgumentException($"{code} {enhanced} is not a reply.", nameof(enhanced));
        }

        Code = code;
        Enhanced = enhanced;
        Lines = [.. lines];
        _wire = Encoding.ASCII.GetBytes(Compose());
    }

    public int Code { get; }

    public string? Enhanced { get; }

    public IReadOnlyList<string> Lines { get; }

    /// <summary>2yz: what was asked for is done.</summary>
    public bool IsPositive => Code < 300;

    /// <summary>4yz or 5yz.</summary>
    public bool IsRefusal => Code >= 400;

    /// <summary>The reply's bytes, each line ended by CRLF.</summary>
    public ReadOnlySpan<byte> Wire => _wire;

    /// <summary>As people read it: <c>550 5.1.1 no such mailbox here</c>.</summary>
    public override string ToString() =>
        string.Join(' ', new[] { Code.ToString(CultureInfo.InvariantCulture), Enhanced, Lines[0] }.Where(part => !string.IsNullOrEmpty(part)));

    private string Compose()
    {
        var wire = new StringBuilder();
        for (var i = 0; i < Lines.Count; i++)
        {
            wire.Append(Code).Append(i == Lines.Count - 1 ? ' ' : '-');
            if (Enhanced is not null)
            {
                wire.Append(Enhanced).Append(' ');
            }

            foreach (var c in Lines[i])
            {
                wire.Append(c is >= ' ' and <= '~' ? c : '?');
            }

            wire.Append("\r\n");
        }

        return wire.ToString();
    }
}
