using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Belljar.Mail.Authentication;

namespace Belljar.Mail.Storage;

/// <summary>A message as the listener took it.</summary>
/// <param name="Raw">Its bytes; valid until the delivery is over.</param>
/// <param name="EnvelopeFrom">The reverse-path; empty for the null sender.</param>
/// <param name="HelloName">What the client called itself.</param>
/// <param name="Protocol"><c>SMTP</c>, <c>ESMTP</c> or <c>UTF8SMTP</c>, with an <c>S</c> behind it when TLS was in use (RFC 3848, 6531).</param>
internal sealed record ReceivedMessage(
    ReadOnlyMemory<byte> Raw, string EnvelopeFrom, IPAddress Remote, string HelloName, string Protocol, DateTimeOffset ReceivedAt)
{
    /// <summary>It was taken from another program's files: nobody delivered it here, so no trace of that is added.</summary>
    public bool IsImported { get; init; }

    /// <summary>What is proven of it; null where nobody asked (an import).</summary>
    public AuthenticationResults? Results { get; init; }

    public bool IsRead { get; init; }

    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>What the mailbox makes of it. Without results nothing is proven: "true" is never written without proof.</summary>
    public string Trusted(MailboxOptions mailbox) => (mailbox.Trust, Results) switch
    {
        (TrustPolicy.None, _) => TrustDecision.None,
        (_, null) => TrustDecision.False,
        (_, var results) => TrustDecision.Decide(mailbox.Trust, mailbox.TrustedSenders, results),
    };

    /// <summary>
    /// Return-Path (RFC 5321 §4.4: the last hop writes it), our Authentication-Results (RFC 8601, 5: above the Received of the
    /// same host) and our Received, which stand before what came.
    /// </summary>
    public byte[] TraceFields(string hostName, string deliveredTo, string id) => Encoding.UTF8.GetBytes(
        $"Return-Path: <{EnvelopeFrom}>\r\n{Results?.ToHeader(hostName)}{ReceivedBy(hostName, id)}\tfor <{deliveredTo}>; {Date}\r\n");

    /// <summary>Our Received alone, for a message that goes on: whom it is for is not shown, since some were not to be.</summary>
    public byte[] ReceivedField(string hostName) => Encoding.UTF8.GetBytes($"{ReceivedBy(hostName, Guid.NewGuid().ToString("N"))}\t; {Date}\r\n");

    private string Date => ReceivedAt.UtcDateTime.ToString("ddd, dd MMM yyyy HH:mm:ss", CultureInfo.InvariantCulture) + " +0000";

    private string ReceivedBy(string hostName, string id) =>
        $"Received: from {Harmless(HelloName)} ({Literal(Remote)})\r\n\tby {hostName} with {Protocol} id {id}\r\n";

    /// <summary>The name is the client's word for itself: nothing of it may look like more of the field.</summary>
    private static string Harmless(string name) =>
        string.Concat(name.EnumerateRunes().Select(rune => Rune.IsLetterOrDigit(rune) || rune.Value is '.' or '-' or '_' or ':' or '[' or ']' ? rune.ToString() : "?"));

    private static string Literal(IPAddress address) =>
        address.AddressFamily is AddressFamily.InterNetworkV6 ? $"[IPv6:{address}]" : $"[{address}]";
}

/// <summary>One mailbox that receives the message.</summary>
/// <param name="DeliveredTo">The recipients that led here, as they were written.</param>
internal sealed record Delivery(MailboxOptions Mailbox, IReadOnlyList<string> DeliveredTo);

/// <summary>What those hear who act on stored mail; the message's bytes are in its files.</summary>
internal sealed record StoredDelivery(DeliveredMessage Message, string EnvelopeFrom, DateTimeOffset ReceivedAt);

/// <summary>A message that is durable in one mailbox.</summary>
internal sealed record DeliveredMessage(string Mailbox, string Id, MessageContent Content, string Trusted);
