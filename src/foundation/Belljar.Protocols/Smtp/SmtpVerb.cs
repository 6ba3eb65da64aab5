using System.Text;

namespace Belljar.Protocols.Smtp;

/// <summary>The commands that are recognised; those of them that are not offered are refused by name.</summary>
public enum SmtpVerb
{
    /// <summary>No command at all: a refusal that concerns the connection, or a word nobody knows.</summary>
    None,
    Helo,
    Ehlo,
    Mail,
    Rcpt,
    Data,
    Bdat,
    Rset,
    Noop,
    Vrfy,
    Expn,
    Help,
    Quit,
    StartTls,
    Auth,
}

internal static class SmtpVerbs
{
    /// <summary>A browser or a proxy that was talked into speaking to us: its body could hold perfectly good SMTP.</summary>
    private static readonly string[] Http = ["GET", "POST", "PUT", "HEAD", "OPTIONS", "CONNECT", "PATCH", "DELETE", "PRI"];

    private static readonly (string Word, SmtpVerb Verb)[] All =
    [
        ("RCPT", SmtpVerb.Rcpt),
        ("MAIL", SmtpVerb.Mail),
        ("BDAT", SmtpVerb.Bdat),
        ("DATA", SmtpVerb.Data),
        ("EHLO", SmtpVerb.Ehlo),
        ("HELO", SmtpVerb.Helo),
        ("RSET", SmtpVerb.Rset),
        ("QUIT", SmtpVerb.Quit),
        ("NOOP", SmtpVerb.Noop),
        ("VRFY", SmtpVerb.Vrfy),
        ("EXPN", SmtpVerb.Expn),
        ("HELP", SmtpVerb.Help),
        ("STARTTLS", SmtpVerb.StartTls),
        ("AUTH", SmtpVerb.Auth),
    ];

    /// <summary>Splits a command line at its first space. An unknown word gives <see cref="SmtpVerb.None"/>.</summary>
    public static SmtpVerb Parse(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> argument)
    {
        var space = line.IndexOf((byte)' ');
        var word = space < 0 ? line : line[..space];
        argument = space < 0 ? default : line[(space + 1)..].Trim((byte)' ');
        foreach (var (known, verb) in All)
        {
            if (Ascii.EqualsIgnoreCase(word, known))
            {
                return verb;
            }
        }

        return SmtpVerb.None;
    }

    public static bool IsHttp(ReadOnlySpan<byte> line)
    {
        var space = line.IndexOf((byte)' ');
        if (space <= 0)
        {
            return false;
        }

        foreach (var method in Http)
        {
            if (Ascii.Equals(line[..space], method))
            {
                return true;
            }
        }

        return false;
    }
}
