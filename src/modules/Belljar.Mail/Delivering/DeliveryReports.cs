using Belljar.Mail.Outgoing;
using Belljar.Mail.Outgoing.Queue;
using Belljar.Mail.Routing;
using Belljar.Mail.Signing;

namespace Belljar.Mail.Delivering;

/// <summary>Decides who is told of a failure, and makes the message that tells it.</summary>
internal sealed class DeliveryReports(string hostName, DkimSigner signer, TimeProvider clock)
{
    /// <returns>
    /// Null where nobody is told: the null sender (a report is never answered, RFC 5321 §6.1), and mail that a program wrote by itself.
    /// </returns>
    public NewMessage? Compose(QueuedMessage message, IReadOnlyList<RecipientOutcome> failed)
    {
        if (message.Sender.Length == 0 || message.IsAutomatic || !OutgoingMessageReader.TryAddress(message.Sender, out var sender))
        {
            return null;
        }

        var (id, raw) = DeliveryReport.Compose(message, failed, hostName, clock.GetUtcNow());

        // Without a key it goes as it is: most senders are in a mailbox of this server anyway.
        byte[] signed = [.. signer.TrySign(raw, AddressPattern.Normal(hostName), out _) ?? [], .. raw];
        return new NewMessage(
            Guid.NewGuid().ToString("N"), id, null, null, "", "text", null, signed, !System.Text.Ascii.IsValid(signed.AsSpan(signed.AsSpan().IndexOf("\r\n\r\n"u8))),
            !sender.IsAscii, IsAutomatic: true, [sender]);
    }
}
