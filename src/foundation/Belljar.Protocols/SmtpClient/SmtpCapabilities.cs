using System.Globalization;

namespace Belljar.Protocols.SmtpClient;

/// <summary>What a server offered in its reply to EHLO.</summary>
public sealed record SmtpCapabilities
{
    public static SmtpCapabilities None { get; } = new();

    /// <summary>RFC 2920.</summary>
    public bool Pipelining { get; init; }

    /// <summary>RFC 3207.</summary>
    public bool StartTls { get; init; }

    /// <summary>RFC 6152.</summary>
    public bool EightBitMime { get; init; }

    /// <summary>RFC 6531.</summary>
    public bool SmtpUtf8 { get; init; }

    /// <summary>RFC 3461.</summary>
    public bool Dsn { get; init; }

    /// <summary>RFC 3030.</summary>
    public bool Chunking { get; init; }

    /// <summary>RFC 1870: whether SIZE= may be said.</summary>
    public bool Size { get; init; }

    /// <summary>The largest message in octets; null when the server named none.</summary>
    public long? LargestMessage { get; init; }

    /// <summary>RFC 4954, in upper case.</summary>
    public IReadOnlyList<string> AuthMechanisms { get; init; } = [];

    /// <summary>What cannot be understood is not offered.</summary>
    public static SmtpCapabilities Of(SmtpServerReply ehlo)
    {
        var found = None;
        foreach (var line in ehlo.Lines.Skip(1))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            found = words is [] ? found : found.With(words[0].ToUpperInvariant(), words.AsSpan(1));
        }

        return found;
    }

    private SmtpCapabilities With(string keyword, ReadOnlySpan<string> parameters) => keyword switch
    {
        "PIPELINING" => this with { Pipelining = true },
        "STARTTLS" => this with { StartTls = true },
        "8BITMIME" => this with { EightBitMime = true },
        "SMTPUTF8" => this with { SmtpUtf8 = true },
        "DSN" => this with { Dsn = true },
        "CHUNKING" => this with { Chunking = true },
        "SIZE" => this with { Size = true, LargestMessage = Largest(parameters) },
        "AUTH" => this with { AuthMechanisms = [.. parameters.ToArray().Select(word => word.ToUpperInvariant())] },
        _ => this,
    };

    /// <summary>Zero means no fixed limit (RFC 1870, 4); a number of more digits than a long holds is as good as none.</summary>
    private static long? Largest(ReadOnlySpan<string> parameters) =>
        parameters is [var text, ..] && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size > 0 ? size : null;
}
