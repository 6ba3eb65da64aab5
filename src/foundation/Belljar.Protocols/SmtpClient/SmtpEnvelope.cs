using Belljar.Protocols.Smtp;

namespace Belljar.Protocols.SmtpClient;

/// <summary>One message's envelope, as it is to be said to a server.</summary>
public sealed record SmtpEnvelope
{
    /// <summary>Null for the null sender.</summary>
    public required SmtpAddress? From { get; init; }

    /// <summary>At least one.</summary>
    public required IReadOnlyList<SmtpEnvelopeRecipient> Recipients { get; init; }

    /// <summary>Octets of the message.</summary>
    public required long Size { get; init; }

    /// <summary>The message has octets above 127 in its body.</summary>
    public bool IsEightBit { get; init; }

    /// <summary>The message's header is UTF-8.</summary>
    public bool IsUtf8 { get; init; }

    /// <summary>ENVID (RFC 3461, 4.4), printable ASCII; said where DSN is offered.</summary>
    public string? EnvelopeId { get; init; }

    /// <summary>Whether reports are asked for: NOTIFY=FAILURE,DELAY and RET=HDRS (RFC 3461, 4.1, 4.3).</summary>
    public bool WantsReports { get; init; }
}

/// <param name="OriginalRecipient">ORCPT (RFC 3461, 4.2): the address that the sender wrote; null to say none.</param>
public sealed record SmtpEnvelopeRecipient(SmtpAddress Address, string? OriginalRecipient = null);
