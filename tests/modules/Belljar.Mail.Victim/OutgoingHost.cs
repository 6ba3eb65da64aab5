#pragma warning disable RS0030 // A child process of the tests: it talks with its parent by standard input and output.
using System.Text;
using Belljar.Mail.Outgoing;
using Belljar.Mail.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Belljar.Mail.Victim;

/// <summary>Outgoing mail in a process of its own. A line of input is a message's subject; <c>ok SUBJECT</c> answers when it is accepted.</summary>
internal static class OutgoingHost
{
    private const int MostAtOnce = 8;

    public static async Task<int> RunAsync(string home, int port)
    {
        var mail = new MailOptions
        {
            HostName = "mx.test",
            Domains = ["mx.test"],
            Mailboxes = [new MailboxOptions("agent", ["agent@mx.test"], TrustPolicy.None, null)],
            Smtp = new SmtpOptions(),
        };
        var options = new OutgoingOptions { Sign = false, Smarthost = new SmarthostOptions("localhost", port, SmarthostTls.None, null, null) };
        using var store = MailStore.Open(home, mail, TimeProvider.System, NullLogger<MailStore>.Instance);
        await using var outgoing = OutgoingMail.Create(mail, options, store, new MailboxLocks(), new OpenMailGate(), TimeProvider.System, _ => { }, NullLogger<OutgoingMail>.Instance);
        await outgoing.StartAsync(CancellationToken.None);
        Console.WriteLine("ready");
        var room = new SemaphoreSlim(MostAtOnce);
        while (await Console.In.ReadLineAsync() is { } subject)
        {
            await room.WaitAsync();
            _ = SubmitAsync(outgoing, subject, room);
        }

        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System);
        return 0;
    }

    private static async Task SubmitAsync(OutgoingMail outgoing, string subject, SemaphoreSlim room)
    {
        var message = Encoding.UTF8.GetBytes($"From: agent@mx.test\nTo: bob@b.example\nSubject: {subject}\n\n{new string('x', 900)}\nend\n");
        var result = await outgoing.SubmitAsync(message, null, null, new SubmitOptions { MaySendAs = _ => true }, CancellationToken.None);
        Console.WriteLine(result is SubmitResult.Accepted ? $"ok {subject}" : $"refused {subject}");
        room.Release();
    }
}
