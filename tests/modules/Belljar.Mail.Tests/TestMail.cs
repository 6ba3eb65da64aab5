using System.Net;
using System.Text;
using Belljar.Mail.Reading;
using Belljar.Mail.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Belljar.Mail.Tests;

/// <summary>What most tests start from.</summary>
internal static class TestMail
{
    public static readonly MailboxOptions Agent = new("agent", ["agent@mx.test"], TrustPolicy.None, null);
    public static readonly MailboxOptions Second = new("second", ["second@mx.test"], TrustPolicy.Verified, null);

    public static readonly MailOptions Options = new()
    {
        HostName = "mx.test",
        Domains = ["mx.test"],
        Mailboxes = [Agent, Second, new MailboxOptions("rest", ["*@rest.test"], TrustPolicy.None, null)],
        Smtp = new SmtpOptions { Listen = [new IPEndPoint(IPAddress.Loopback, 0)] },
    };

    public static MailStore OpenStore(string folder, TimeProvider clock, MailOptions? options = null) =>
        MailStore.Open(folder, options ?? Options, clock, NullLogger<MailStore>.Instance);

    public static MailReader Reader(string folder, MailOptions? options = null) => new(folder, options ?? Options);

    public static ReceivedMessage Received(TimeProvider clock, string text) => new(
        Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\r\n")), "alice@example.org", IPAddress.Parse("192.0.2.1"), "client.test", "ESMTP", clock.GetUtcNow());

    public static Delivery To(MailboxOptions mailbox) => new(mailbox, [mailbox.Address]);

    /// <summary>A message of a few lines, with an id of its own unless one is given.</summary>
    public static string Message(string subject = "Hello", string? id = null, string body = "Hi there.\n") =>
        $"From: Alice <alice@example.org>\nTo: agent@mx.test\nSubject: {subject}\nDate: Sat, 14 Mar 2026 10:00:00 +0100\nMessage-ID: <{id ?? Guid.NewGuid().ToString("N")}@example.org>\n\n{body}";
}
