using System.Text;
using Belljar.Toml;

namespace E2E.Tests;

public class MailTests
{
    [Fact]
    public async Task Message_SentWithSwaks_BecomesMarkdownWithTomlFrontmatter()
    {
        Clients.Need("swaks");
        await using var home = new Home();
        await home.UpAsync();
        var smtp = await home.AddressAsync("smtp");

        var sent = await Clients.RunAsync(
            "swaks", "--server", smtp, "--from", "stranger@example.net", "--to", "agent@agent.localhost",
            "--header", "Subject: A question +++ with a fence", "--body", "Hello from swaks.");

        Assert.True(sent.Succeeded, sent.OutputText + sent.ErrorText);
        var list = await home.JsonAsync("mail", "list", "agent", "--json");
        var message = Assert.Single(list.EnumerateArray());
        Assert.Equal("A question +++ with a fence", message.GetProperty("subject").GetString());
        Assert.Contains("stranger@example.net", message.GetProperty("from").GetString());
        Assert.False(message.GetProperty("read").GetBoolean());
        Assert.Equal("none", message.GetProperty("trusted").GetString());
        var file = Assert.Single(Directory.GetFiles(home["state/mail/inbox/agent"], "*.md"));
        var parts = Frontmatter(await File.ReadAllTextAsync(file));
        Assert.True(TomlDocument.TryParse(parts.Toml, out _, out var error), $"{error}");
        Assert.Contains("Hello from swaks.", parts.Body);
    }

    [Fact]
    public async Task Message_SentFromTheCommandLine_IsSignedAndItsCopyTellsHowItWent()
    {
        await using var home = new Home();
        await home.UpAsync();
        string[] send = ["mail", "send", "--from", "agent@agent.localhost", "--to", "agent+me@agent.localhost", "--subject", "To myself", "--body", "All is **well**.", "--wait"];

        var unsigned = await home.RunAsync(send);
        Assert.NotEqual(0, unsigned.ExitCode);
        Assert.Contains("dkim-keygen", unsigned.ErrorText);

        Assert.True((await home.RunAsync("mail", "dkim-keygen")).Succeeded);
        var sent = await home.RunAsync(send);

        Assert.True(sent.Succeeded, sent.ErrorText);
        var message = Assert.Single((await home.JsonAsync("mail", "list", "agent", "--json")).EnumerateArray());
        Assert.Equal("To myself", message.GetProperty("subject").GetString());
        Assert.Contains("DKIM-Signature:", await File.ReadAllTextAsync(Assert.Single(Directory.GetFiles(home["state/mail/inbox/agent/raw"], "*.eml"))));
        Assert.Contains("delivery_status = \"delivered\"", await File.ReadAllTextAsync(Assert.Single(Directory.GetFiles(home["state/mail/sent/agent"], "*.md"))));
        Assert.Empty((await home.JsonAsync("mail", "queue", "list", "--json")).EnumerateArray());
    }

    [Fact]
    public async Task Message_SentWithSmtplib_IsShownAndRecorded()
    {
        Clients.Need("python3");
        await using var home = new Home();
        await home.UpAsync();
        var smtp = (await home.AddressAsync("smtp")).Split(':');

        var sent = await Clients.RunAsync("python3", "-c", """
            import smtplib, sys
            from email.message import EmailMessage
            m = EmailMessage()
            m["From"], m["To"], m["Subject"] = "Ümläut <u@example.net>", "agent@agent.localhost", "Grüße"
            m.set_content("Schöne Grüße aus Python.")
            m.add_attachment(b"\x00\x01\x02", maintype="application", subtype="octet-stream", filename="d.bin")
            with smtplib.SMTP(sys.argv[1], int(sys.argv[2])) as s:
                s.send_message(m)
            """, smtp[0], smtp[1]);

        Assert.True(sent.Succeeded, sent.ErrorText);
        var received = Assert.Single(await home.EventsAsync("mail.received"));
        Assert.Equal("Grüße", received.GetProperty("data").GetProperty("subject").GetString());
        var id = (await home.JsonAsync("mail", "list", "agent", "--json"))[0].GetProperty("id").GetString()!;
        var shown = await home.RunAsync("mail", "show", "agent", id);
        Assert.True(shown.Succeeded, shown.ErrorText);
        Assert.Contains("Schöne Grüße aus Python.", shown.OutputText);
        Assert.Contains("d.bin", shown.OutputText);
    }

    [Fact]
    public async Task Message_ToNobodyHere_IsRefusedWithTheRightCode()
    {
        await using var home = new Home();
        await home.UpAsync();

        var unknown = await Clients.RunAsync("swaks", "--server", await home.AddressAsync("smtp"), "--from", "a@example.net", "--to", "nobody@agent.localhost");
        var foreign = await Clients.RunAsync("swaks", "--server", await home.AddressAsync("smtp"), "--from", "a@example.net", "--to", "a@example.com");

        Assert.Contains("550 5.1.1", unknown.OutputText);
        Assert.Contains("550 5.7.1", foreign.OutputText);
    }

    [Fact]
    public async Task Messages_AreFoundExportedAndImported()
    {
        Clients.Need("python3");
        await using var home = new Home();
        await home.UpAsync();
        var smtp = (await home.AddressAsync("smtp")).Split(':');
        var sent = await Clients.RunAsync("python3", "-c", """
            import smtplib, sys
            with smtplib.SMTP(sys.argv[1], int(sys.argv[2])) as s:
                s.starttls()
                s.sendmail("you@example.net", ["agent@agent.localhost"], "From: you@example.net\r\nSubject: First task\r\n\r\nPlease water the plants.\r\n")
            """, smtp[0], smtp[1]);
        Assert.True(sent.Succeeded, sent.ErrorText);

        var found = Assert.Single((await home.JsonAsync("mail", "search", "plants", "from:you@example.net", "is:unread", "--json")).EnumerateArray());
        Assert.Equal("First task", found.GetProperty("message").GetProperty("subject").GetString());
        Assert.Equal("indexed 1 messages\n", (await home.RunAsync("mail", "reindex")).OutputText);

        var exported = await home.RunAsync("mail", "export", "agent", home["agent.mbox"]);
        Assert.Equal("exported 1 messages of agent\n", exported.OutputText);
        var refused = await home.RunAsync("mail", "import", "agent", home["agent.mbox"]);
        Assert.Contains("belljar workers stop mail", refused.ErrorText);
        await home.RunAsync("workers", "stop", "mail");
        var imported = await home.RunAsync("mail", "import", "agent", home["agent.mbox"]);
        Assert.Equal("imported 1 messages into agent\n", imported.OutputText);
        Assert.Equal(2, (await home.JsonAsync("mail", "search", "plants", "--json")).GetArrayLength());
    }

    [Fact]
    public async Task Password_FromStandardInput_LetsItsOwnerSubmit_AndHisMailIsShownWithItsProof()
    {
        Clients.Need("python3");
        await using var home = new Home();
        await File.WriteAllTextAsync(home["belljar.yaml"], """
            mail:
              domains: [agent.localhost]
              smtp: {listen: ["127.0.0.1:0"]}
              submission: {listen: ["127.0.0.1:0"], listen_tls: ["127.0.0.1:0"]}
              mailboxes:
                agent: {trust: verified, trusted_senders: ["*@agent.localhost"]}
            web: {listen: "127.0.0.1:0"}
            """);
        await home.UpAsync();
        var tooShort = await home.TellAsync("short\n", "mail", "mailboxes", "passwd", "agent");
        Assert.Contains("8 to 256 characters", tooShort.ErrorText);
        var set = await home.TellAsync("correct horse battery\n", "mail", "mailboxes", "passwd", "agent");
        Assert.Equal("the password of agent is set; the name to log in with is agent or agent@agent.localhost\n", set.OutputText);
        var submissions = (await home.AddressAsync("submissions")).Split(':');
        var submission = (await home.AddressAsync("submission")).Split(':');
        var sent = await Clients.RunAsync("python3", "-c", """
            import smtplib, ssl, sys
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            def send(s):
                s.login("agent", "correct horse battery")
                s.sendmail("agent@agent.localhost", ["agent@agent.localhost"], "From: agent@agent.localhost\r\nSubject: To myself\r\nMessage-ID: <1@agent.localhost>\r\n\r\nHello.\r\n")
                print(s.docmd("MAIL", "FROM:<agent@agent.localhost>")[0], s.docmd("RCPT", "TO:<you@example.com>"))
            with smtplib.SMTP_SSL(sys.argv[1], int(sys.argv[2]), context=context) as s:
                send(s)
            with smtplib.SMTP(sys.argv[1], int(sys.argv[3])) as s:
                s.starttls(context=context)
                send(s)
            """, submissions[0], submissions[1], submission[1]);
        Assert.True(sent.Succeeded, sent.ErrorText);
        const string refused = "250 (550, b'5.3.3 sending to other domains is not configured here')\n";
        Assert.Equal(refused + refused, sent.OutputText);

        var list = await home.JsonAsync("mail", "list", "agent", "--json");
        var message = Assert.Single(list.EnumerateArray()); // The second is the same message and body.
        Assert.Equal("false", message.GetProperty("trusted").GetString());
        var shown = await home.RunAsync("mail", "show", "agent", message.GetProperty("id").GetString()!);
        Assert.Contains("dkim: none   spf: none   dmarc: none", shown.OutputText);
        Assert.Equal("the password of agent is removed\n", (await home.RunAsync("mail", "mailboxes", "passwd", "agent", "--remove")).OutputText);
    }

    [Fact]
    public async Task Mailboxes_AreListedWithTheirAddress()
    {
        await using var home = new Home();
        await home.UpAsync();

        var mailbox = Assert.Single((await home.JsonAsync("mail", "mailboxes", "list", "--json")).EnumerateArray());

        Assert.Equal("agent", mailbox.GetProperty("name").GetString());
        Assert.Equal("agent@agent.localhost", mailbox.GetProperty("address").GetString());
    }

    [Fact]
    public async Task Mailboxes_AreMadeAndRemovedByCommand_AndTheConfigurationStaysAsItIs()
    {
        await using var home = new Home();
        await home.UpAsync();
        var configuration = await File.ReadAllBytesAsync(home["belljar.yaml"]);

        Assert.Equal("made research\n", (await home.RunAsync("mail", "mailboxes", "create", "research")).OutputText);
        Assert.Contains("MAILBOX: there is a mailbox with the name 'research'", (await home.RunAsync("mail", "mailboxes", "create", "research")).ErrorText);
        Assert.Contains("VALIDATION: '../agent' is no name", (await home.RunAsync("mail", "mailboxes", "create", "../agent")).ErrorText);
        Assert.Equal(["agent", "research"], (await home.JsonAsync("mail", "mailboxes", "list", "--json")).EnumerateArray().Select(mailbox => mailbox.GetProperty("name").GetString()));
        Assert.Equal("made\n", (await home.RunAsync("mail", "hooks", "create", "research", "--name", "wake", "--timeout", "5", "--fire-on-untrusted", "--", "/bin/echo", "said", "--json")).OutputText);
        var hook = Assert.Single((await home.JsonAsync("mail", "hooks", "list", "--json")).EnumerateArray());
        Assert.Equal(("research", "wake", "on_receive", true), (hook.GetProperty("mailbox").GetString(), hook.GetProperty("name").GetString(), hook.GetProperty("event").GetString(), hook.GetProperty("fire_on_untrusted").GetBoolean()));
        Assert.Contains("VALIDATION: run is a program by its absolute path", (await home.RunAsync("mail", "hooks", "create", "research", "--", "echo")).ErrorText);

        Clients.Need("swaks");
        var sent = await Clients.RunAsync("swaks", "--server", await home.AddressAsync("smtp"), "--from", "stranger@example.net", "--to", "research@agent.localhost", "--header", "Subject: By command");
        Assert.True(sent.Succeeded, sent.OutputText);
        Assert.Equal("By command", Assert.Single((await home.JsonAsync("mail", "list", "research", "--json")).EnumerateArray()).GetProperty("subject").GetString());
        var fired = await Clients.UntilAsync(() => home.EventsAsync("mail.hook"), events => events.Count == 1, "the hook fires");
        Assert.Equal("said --json", fired[0].GetProperty("data").GetProperty("output").GetString());

        Assert.Contains("NONEMPTY:", (await home.RunAsync("mail", "mailboxes", "delete", "research")).ErrorText);
        Assert.Equal("removed\n", (await home.RunAsync("mail", "hooks", "delete", "research", "wake")).OutputText);
        Assert.Equal("removed research\n", (await home.RunAsync("mail", "mailboxes", "delete", "research", "--force")).OutputText);
        Assert.Contains("VALIDATION: 'agent' stands in belljar.yaml", (await home.RunAsync("mail", "mailboxes", "delete", "agent")).ErrorText);
        Assert.Single((await home.JsonAsync("mail", "mailboxes", "list", "--json")).EnumerateArray());
        Assert.Equal(configuration, await File.ReadAllBytesAsync(home["belljar.yaml"]));
    }

    [Fact]
    public async Task UserWhoMayReadNeitherConfigurationNorKeys_HasAMailboxAndSends()
    {
        const int Nobody = 65534;
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root can be another user");
        Clients.Need("setpriv");
        await using var home = new Home();
        await home.UpAsync();
        Assert.True((await home.RunAsync("mail", "dkim-keygen")).Succeeded);
        File.SetUnixFileMode(home["belljar.yaml"], UnixFileMode.UserRead | UnixFileMode.UserWrite);

        var made = await home.RunAsAsync(Nobody, "mail", "mailboxes", "create", "anns");
        Assert.True(made.Succeeded, made.ErrorText);
        var sent = await home.RunAsAsync(Nobody, "mail", "send", "--from", "anns@agent.localhost", "--to", "agent@agent.localhost", "--subject", "From a user", "--body", "Hello.", "--wait");
        Assert.True(sent.Succeeded, sent.ErrorText);
        Assert.Contains("EACCES:", (await home.RunAsAsync(Nobody, "mail", "send", "--from", "agent@agent.localhost", "--to", "agent@agent.localhost", "--body", "x")).ErrorText);
        Assert.Contains("MAILBOX: there is no mailbox 'agent' of yours", (await home.RunAsAsync(Nobody, "mail", "mailboxes", "delete", "agent")).ErrorText);
        Assert.NotEqual(0, (await home.RunAsAsync(Nobody, "mail", "list", "agent")).ExitCode);

        Assert.Equal("From a user", Assert.Single((await home.JsonAsync("mail", "list", "agent", "--json")).EnumerateArray()).GetProperty("subject").GetString());
        Assert.Contains("DKIM-Signature:", await File.ReadAllTextAsync(Assert.Single(Directory.GetFiles(home["state/mail/inbox/agent/raw"], "*.eml"))));
    }

    private static (byte[] Toml, string Body) Frontmatter(string text)
    {
        Assert.StartsWith("+++\n", text);
        var end = text.IndexOf("\n+++\n", StringComparison.Ordinal);
        return (Encoding.UTF8.GetBytes(text[4..(end + 1)]), text[(end + 5)..]);
    }
}
