using System.Text;
using Belljar.Contracts.Wire;
using Belljar.Protocols.Aimx;

namespace Belljar.Mail.Tests.LocalSocket;

/// <summary>Every verb and every code, in frames written by hand, over a real socket: what comes back is what is documented, to the byte.</summary>
public sealed class FramesByHandTests
{
    private static readonly PeerCredentials Ann = new(Pid: 1, Uid: 65534, Gid: 65534);

    private readonly HashSet<string> _verbs = [];
    private readonly HashSet<string> _codes = [];

    [Fact]
    public async Task EveryVerbAndEveryCode_AnswersToTheByte()
    {
        var outgoing = LocalMail.ToTheSink with { MostRecipientsPerHour = 2, AllowedRecipients = new Dictionary<string, IReadOnlyList<string>> { ["agent"] = ["*@b.example"] } };
        await using var mail = new LocalMail(ownerOf: OwnerOf, outgoing: outgoing, who: Ann);
        await mail.StartAsync();
        var id = await mail.DeliverAsync("hello");
        await File.WriteAllTextAsync(mail.Folder["mail/inbox/agent/2026-01-01-000000-broken.md"], "no frontmatter\n");
        Directory.CreateDirectory(mail.Folder["mail/inbox/earlier"]);
        await File.WriteAllTextAsync(mail.Folder["mail/inbox/earlier/left.md"], "of somebody\n");

        await SaysAsync(mail, "AIMX/1 VERSION\n\n", Json("{\"version\":\"1.2.3\"}"));

        await SaysAsync(mail, "AIMX/1 MAILBOX-CREATE\nName: desk\n\n", Ok);
        await SaysAsync(mail, "AIMX/1 MAILBOX-CREATE\nName: desk\n\n", Err("MAILBOX", "there is a mailbox with the name 'desk' or the address desk@mx.test already"));
        await SaysAsync(mail, "AIMX/1 MAILBOX-CREATE\nName: Desk\n\n", Err("VALIDATION", "'Desk' is no name for a mailbox: lower-case letters, digits, '.', '_' and '-', at most 64, a letter or digit first, no dot at the end or beside another"));
        await SaysAsync(mail, "AIMX/1 MAILBOX-CREATE\nName: hostmaster\n\n", Err("EACCES", "'hostmaster' speaks for the domain: the operator alone makes that mailbox"));
        await SaysAsync(mail, "AIMX/1 MAILBOX-CREATE\nName: earlier\n\n", Err("ECONFLICT", "files with the name 'earlier' lie among the mailboxes and belong to none: the operator has to look (belljar doctor)"));
        await SaysAsync(mail, "AIMX/1 MAILBOX-CREATE\n\n", Err("MALFORMED", "MAILBOX-CREATE needs Name"));
        await SaysAsync(
            mail,
            "AIMX/1 MAILBOX-LIST\n\n",
            Json("[{\"name\":\"agent\",\"address\":\"agent@mx.test\",\"addresses\":[\"agent@mx.test\"],\"messages\":2,\"unread\":2,\"trust\":\"none\"},"
                + "{\"name\":\"desk\",\"address\":\"desk@mx.test\",\"addresses\":[\"desk@mx.test\"],\"messages\":0,\"unread\":0,\"trust\":\"none\"}]"));

        const string run = "{\"run\":[\"/bin/true\"]}";
        await SaysAsync(mail, $"AIMX/1 HOOK-CREATE\nMailbox: desk\nEvent: after_send\nName: done\nContent-Length: {run.Length}\n\n{run}", Ok);
        await SaysAsync(mail, $"AIMX/1 HOOK-CREATE\nMailbox: desk\nEvent: sometimes\nContent-Length: {run.Length}\n\n{run}", Err("MALFORMED", "Event is 'on_receive' or 'after_send'"));
        await SaysAsync(mail, "AIMX/1 HOOK-CREATE\nMailbox: desk\nEvent: on_receive\nContent-Length: 11\n\n{\"shell\":\"\"}", Err("PROTOCOL", "unknown key 'shell'; known are run, post, secret_file, timeout, fire_on_untrusted"));
        await SaysAsync(mail, "AIMX/1 HOOK-LIST\n\n", Json("[{\"mailbox\":\"desk\",\"name\":\"done\",\"event\":\"after_send\",\"fire_on_untrusted\":false}]"));
        await SaysAsync(mail, "AIMX/1 HOOK-LIST\nMailbox: second\n\n", Err("EACCES", "the mailbox 'second' is not yours"));
        await SaysAsync(mail, "AIMX/1 HOOK-DELETE\nMailbox: desk\nName: done\n\n", Ok);
        await SaysAsync(mail, "AIMX/1 HOOK-DELETE\nMailbox: desk\nName: done\n\n", Err("ENOENT", "'desk' has no hook 'done'"));

        await SaysAsync(mail, $"AIMX/1 MARK-READ\nMailbox: agent\nId: {id}\n\n", Ok);
        await SaysAsync(mail, $"AIMX/1 MARK-UNREAD\nMailbox: agent\nId: {id}\nFolder: inbox\n\n", Ok);
        await SaysAsync(mail, $"aimx/1 MARK-READ\nMailbox: agent\nId: {id}\n\n", Err("MALFORMED", "the first line is not 'AIMX/1 VERB'"));
        await SaysAsync(mail, $"AIMX/1 MARK-READ\nMailbox: agent\nId: {id}\nFolder: trash\n\n", Err("MALFORMED", "Folder is 'inbox' or 'sent'"));
        await SaysAsync(mail, $"AIMX/1 MARK-READ\nMailbox: agent\nMAILBOX: agent\nId: {id}\n\n", Err("MALFORMED", "Mailbox stands twice"));
        await SaysAsync(mail, $"AIMX/1 MARK-READ\nMailbox: agent\nId: {id}\nContent-Length: 1\n\nx", Err("MALFORMED", "MARK-READ has no body"));
        await SaysAsync(mail, $"AIMX/1 MARK-READ\nMailbox: agent\nId: {id}\nContent-Length: -1\n\n", Err("MALFORMED", "Content-Length is not a number of octets"));
        await SaysAsync(mail, $"AIMX/1 MARK-READ\nMailbox: agent\nId: {id}\nNo colon\n\n", Err("MALFORMED", "a line is not 'Name: value'"));
        await SaysAsync(mail, "AIMX/1 MARK-READ\nMailbox: agent\nId: ../second/x\n\n", Err("NOTFOUND", "there is no message '../second/x' in 'agent'"));
        await SaysAsync(mail, "AIMX/1 MARK-READ\nMailbox: agent\nId: a\\b\n\n", Err("NOTFOUND", "there is no message 'a\\b' in 'agent'"));
        await SaysAsync(mail, "AIMX/1 MARK-READ\nMailbox: missing\nId: x\n\n", Err("ENOENT", "there is no mailbox 'missing'"));
        await SaysAsync(mail, "AIMX/1 MARK-READ\nMailbox: second\nId: x\n\n", Err("EACCES", "the mailbox 'second' is not yours"));
        await SaysAsync(mail, "AIMX/1 MARK-READ\nMailbox: agent\nId: 2026-01-01-000000-broken\n\n", Err("IO", "the file of '2026-01-01-000000-broken' has no frontmatter that can be understood; it was left as it is"));
        await SaysAsync(mail, $"AIMX/1 LABEL\nMailbox: agent\nId: {id}\nLabels: todo, later\n\n", Ok);
        await SaysAsync(mail, $"AIMX/1 LABEL\nMailbox: agent\nId: {id}\nLabels: {new string('x', 65)}\n\n", Err("VALIDATION", "at most 50 labels of at most 64 characters"));
        await SaysAsync(mail, $"AIMX/1 MOVE\nMailbox: agent\nId: {id}\nTo: agent\n\n", Err("VALIDATION", "the message is in that mailbox already"));
        await SaysAsync(mail, $"AIMX/1 MOVE\nMailbox: agent\nId: {id}\nTo: desk\n\n", Ok);
        await SaysAsync(mail, "AIMX/1 MAILBOX-DELETE\nName: desk\n\n", Err("NONEMPTY", "'desk' holds files; Force removes them too"));
        await SaysAsync(mail, $"AIMX/1 DELETE\nMailbox: desk\nId: {id}\n\n", Ok);
        await SaysAsync(mail, $"AIMX/1 DELETE\nMailbox: desk\nId: {id}\n\n", Err("NOTFOUND", $"there is no message '{id}' in 'desk'"));
        await SaysAsync(mail, "AIMX/1 MAILBOX-DELETE\nName: desk\n\n", Ok);
        await SaysAsync(mail, "AIMX/1 MAILBOX-DELETE\nName: desk\n\n", Err("MAILBOX", "there is no mailbox 'desk' of yours"));
        await SaysAsync(mail, "AIMX/1 MAILBOX-DELETE\nName: second\nForce: true\n\n", Err("MAILBOX", "there is no mailbox 'second' of yours"));

        await SaysAsync(mail, Send("agent@mx.test", "bob@b.example", "a"), "AIMX/1 OK <a@mx.test>\n");
        await SaysAsync(mail, Send("agent@mx.test", "bob@b.example", "a", "From-Mailbox: second\nX-Other: ignored\nIdempotency-Key: k\n"), "AIMX/1 OK <a@mx.test>\n");
        await SaysAsync(mail, Send("agent@mx.test", "bob@b.example", "b", "Idempotency-Key: k\n"), Err("VALIDATION", "this idempotency key was used for another message within a day"));
        await SaysAsync(mail, Send("agent@mx.test", "bob@b.example", "c"), Err("TEMP", "the mailbox has written to 2 recipients in this hour"));
        await SaysAsync(mail, Send("agent@mx.test", "eve@evil.example", "d"), Err("POLICY", "send_to: the mailbox agent may not write to eve@evil.example"));
        await SaysAsync(mail, Send("agent@other.example", "bob@b.example", "e"), Err("DOMAIN", "other.example is not a domain of this server; its domains: mx.test"));
        await SaysAsync(mail, Send("nobody@mx.test", "bob@b.example", "f"), Err("MAILBOX", "no mailbox has the address nobody@mx.test; make one: belljar mail mailboxes create nobody"));
        await SaysAsync(mail, Send("second@mx.test", "bob@b.example", "g"), Err("EACCES", "the mailbox second is not yours"));
        await SaysAsync(mail, "AIMX/1 SEND\nContent-Length: 27000000\n\n", Err("BODY_TOO_LARGE", "a body may have 26214400 octets"));
        await SaysAsync(mail, "AIMX/1 SEND\n\n", Err("MALFORMED", "SEND needs Content-Length"));
        await SaysAsync(mail, "AIMX/1 SEND\nContent-Length: 10\n\nshort", Err("MALFORMED", "the request was cut off"));
        await SaysAsync(mail, "AIMX/1 SEND\nContent-Length: 1\nHtml-Body-Length: 1\nText-Only: true\n\nxx", Err("MALFORMED", "Text-Only and Html-Body-Length exclude each other"));
        await SaysAsync(mail, "AIMX/1 RELAY\n\n", Err("PROTOCOL", "unknown verb 'RELAY'"));

        await using var refusing = new LocalMail(ownerOf: OwnerOf, who: Ann);
        refusing.Sink.Reply = command => command.StartsWith("RCPT", StringComparison.Ordinal) ? "550 5.1.1 no such person" : null;
        await refusing.StartAsync();
        await SaysAsync(refusing, Send("agent@mx.test", "bob@b.example", "h", "Wait: true\n"), Err("DELIVERY", "550 5.1.1 no such person [mx.b.example]"));

        await using var signing = new LocalMail(ownerOf: OwnerOf, outgoing: LocalMail.ToTheSink with { Sign = true }, who: Ann);
        await signing.StartAsync();
        await SaysAsync(signing, Send("agent@mx.test", "bob@b.example", "i"), Err("SIGN", "there is no DKIM key for mx.test; make one: belljar mail dkim-keygen mx.test"));

        Assert.Equal(Enum.GetValues<AimxVerb>().Select(verb => verb.Word()).Order(), _verbs.Order());
        Assert.Equal(Enum.GetValues<AimxErrorCode>().Select(code => code.Word()).Order(), _codes.Order());
    }

    /// <summary>A line of the reply is ours whatever the request holds; a carriage return within a line is no request at all.</summary>
    [Theory]
    [InlineData("AIMX/1 X\rAIMX/1 OK\n\n", "AIMX/1 ERR MALFORMED a line holds control characters or is not UTF-8\nCode: MALFORMED\n\n")]
    [InlineData("AIMX/1 MARK-READ\nMailbox: a\rAIMX/1 OK\nId: x\n\n", "AIMX/1 ERR MALFORMED a line holds control characters or is not UTF-8\nCode: MALFORMED\n\n")]
    [InlineData("AIMX/1 MAILBOX-DELETE\nName: a\u2028AIMX/1 OK\u0085\n\n", "AIMX/1 ERR MAILBOX there is no mailbox 'aAIMX/1 OK' of yours\nCode: MAILBOX\n\n")]
    [InlineData("AIMX/1 MAILBOX-CREATE\nName: x\u2028y\n\n", "AIMX/1 ERR VALIDATION 'xy' is no name for a mailbox: lower-case letters, digits, '.', '_' and '-', at most 64, a letter or digit first, no dot at the end or beside another\nCode: VALIDATION\n\n")]
    public async Task LineBreakInAName_ForgesNoReplyLine(string frame, string reply)
    {
        await using var mail = new LocalMail(ownerOf: OwnerOf, who: Ann);
        await mail.StartAsync();

        Assert.Equal(reply, await mail.AskAsync(frame));
    }

    private static int? OwnerOf(MailboxOptions mailbox) => mailbox.Owner is not null || mailbox.Name == "agent" ? Ann.Uid : 4711;

    private static string Ok => "AIMX/1 OK\n";

    private static string Json(string json) => $"AIMX/1 OK\nContent-Length: {Encoding.UTF8.GetByteCount(json)}\n\n{json}";

    private static string Err(string code, string reason) => $"AIMX/1 ERR {code} {reason}\nCode: {code}\n\n";

    private static string Send(string from, string to, string id, string fields = "")
    {
        var message = $"From: {from}\nTo: {to}\nMessage-ID: <{id}@mx.test>\nSubject: x\n\nx\n";
        return $"AIMX/1 SEND\nContent-Length: {message.Length}\n{fields}\n{message}";
    }

    private async Task SaysAsync(LocalMail mail, string frame, string reply)
    {
        Assert.Equal(reply, await mail.AskAsync(frame));
        if (reply.StartsWith("AIMX/1 OK", StringComparison.Ordinal))
        {
            _verbs.Add(frame.Split(' ', '\n')[1]);
        }
        else
        {
            _codes.Add(reply.Split(' ')[2]);
        }
    }
}
