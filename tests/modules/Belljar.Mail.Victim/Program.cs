#pragma warning disable RS0030 // A child process of the tests: it tells its parent by standard output where it listens.
using System.Net;
using Belljar.Mail;
using Belljar.Mail.Outgoing;
using Belljar.Mail.Victim;

// HOME            serves agent@mx.test and second@mx.test until killed; says its address
// worker HOME PORT  the same, and sends through the server at PORT
// out HOME PORT   sends what its input names through the server at PORT until killed; says what it has accepted
if (args is ["out", var mailHome, var port])
{
    return await OutgoingHost.RunAsync(mailHome, int.Parse(port));
}

if (args is not ([_] or ["worker", _, _]))
{
    return 2;
}

await using var host = await MailHost.StartAsync(args is [var home] ? home : args[1], new MailOptions
{
    Outgoing = args is ["worker", _, var smarthost]
        ? new OutgoingOptions { Sign = false, Smarthost = new SmarthostOptions("localhost", int.Parse(smarthost), SmarthostTls.None, null, null) }
        : new OutgoingOptions(),
    HostName = "mx.test",
    Domains = ["mx.test"],
    Mailboxes =
    [
        new MailboxOptions("agent", ["agent@mx.test"], TrustPolicy.None, null),
        new MailboxOptions("second", ["second@mx.test"], TrustPolicy.None, null),
    ],
    Smtp = new SmtpOptions { Listen = [new IPEndPoint(IPAddress.Loopback, 0)] },
});
Console.WriteLine(host.Address);
await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System);
return 0;
