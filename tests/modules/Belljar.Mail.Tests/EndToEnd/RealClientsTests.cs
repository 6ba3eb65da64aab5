using Belljar.Contracts.Events;
using Belljar.Mail.Victim;
using Belljar.Sandboxes.Processes;
using Belljar.Testing;

namespace Belljar.Mail.Tests.EndToEnd;

/// <summary>The worker over a real socket, and clients that somebody else wrote.</summary>
public sealed class RealClientsTests : IDisposable
{
    private readonly TemporaryFolder _home = new();

    private string MailFolder => _home["state/mail"];

    public void Dispose() => _home.Dispose();

    [Fact]
    public async Task Smtplib_WithAttachment_IsReadableByTomllib()
    {
        await using var host = await MailHost.StartAsync(_home.Path, TestMail.Options);
        var result = await PythonAsync(
            $$"""
            import smtplib, tomllib, pathlib, sys
            from email.message import EmailMessage
            m = EmailMessage()
            m['From'] = 'Jürgen <juergen@example.org>'
            m['To'] = 'agent@mx.test'
            m['Subject'] = 'Bericht für März +++'
            m.set_content('Grüße\n.\n..\nEnde\n')
            m.add_attachment(b'\x00\x01\x02', maintype='application', subtype='octet-stream', filename='größe.bin')
            with smtplib.SMTP('127.0.0.1', {{host.Address.Port}}, timeout=10) as s:
                s.ehlo()
                assert s.has_extn('pipelining') and s.has_extn('smtputf8') and s.has_extn('8bitmime')
                s.send_message(m)
                s.sendmail('a@b.test', ['second@mx.test', 'agent+tag@mx.test'], 'Subject: plain\r\n\r\ntext\r\n')
                try:
                    s.sendmail('a@b.test', ['nobody@mx.test'], 'x')
                    sys.exit('accepted for nobody')
                except smtplib.SMTPRecipientsRefused as e:
                    assert e.recipients['nobody@mx.test'][0] == 550, e.recipients
            inbox = pathlib.Path({{Quote(MailFolder)}}) / 'inbox' / 'agent'
            for file in sorted(inbox.glob('**/*.md')):
                text = file.read_text('utf-8')
                head, _, body = text.removeprefix('+++\n').partition('\n+++\n')
                fields = tomllib.loads(head)
                print(fields['subject'], '|', fields['from'] if 'from' in fields else '-', '|', len(fields.get('attachments', [])), '|', body.strip().replace('\n', '/'))
            """);
        Assert.Equal("", result.ErrorText);
        Assert.Equal(
            ["Bericht für März +++ | Jürgen <juergen@example.org> | 1 | Grüße/./../Ende", "plain | - | 0 | text"],
            result.OutputText.TrimEnd('\n').Split('\n').Order(StringComparer.Ordinal));
        var reader = TestMail.Reader(MailFolder);
        Assert.Equal(["agent", "agent", "second"], host.Events.Of(EventKinds.MailReceived).Select(e => e.Mailbox).Order(StringComparer.Ordinal));
        var attachment = Assert.Single(reader.List("agent").Select(message => reader.Show("agent", message.Id)!).SelectMany(message => message.AttachmentPaths));
        Assert.Equal([0, 1, 2], await File.ReadAllBytesAsync(attachment));
        Assert.Equal("größe.bin", Path.GetFileName(attachment));
    }

    /// <summary>Whoever guesses an id and sends it first keeps nobody's message out.</summary>
    [Fact]
    public async Task MessageId_SentBefore_SuppressesNoDifferentMessage()
    {
        await using var host = await MailHost.StartAsync(_home.Path, TestMail.Options);
        using var client = await LineClient.ConnectAsync(host.Address);
        Assert.True(await client.DeliverAsync("agent@mx.test", TestMail.Message("forged", "known@bank.test", "nothing\n")));
        Assert.True(await client.DeliverAsync("agent@mx.test", TestMail.Message("real", "known@bank.test", "the code is 1\n")));
        Assert.True(await client.DeliverAsync("agent@mx.test", TestMail.Message("real", "known@bank.test", "the code is 1\n")));
        Assert.Equal(["forged", "real"], TestMail.Reader(MailFolder).List("agent").Select(message => message.Subject).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Smtplib_TriesEveryCommand()
    {
        await using var host = await MailHost.StartAsync(_home.Path, TestMail.Options);
        var result = await PythonAsync(
            $$"""
            import smtplib
            with smtplib.SMTP('127.0.0.1', {{host.Address.Port}}, timeout=30) as s:
                said = lambda *words: str(s.docmd(*words)[0])
                print(said('HELO', 'c.test'), said('EHLO', 'c.test'), said('NOOP'), said('HELP'), said('VRFY', 'agent'), said('EXPN', 'all'), said('AUTH', 'PLAIN AAAA'), said('NONSENSE'))
                print(said('MAIL', 'FROM:<a@b.test> SIZE=100 BODY=8BITMIME SMTPUTF8'), said('RCPT', 'TO:<agent@mx.test>'), said('RSET'), said('RCPT', 'TO:<agent@mx.test>'))
                print(said('MAIL', 'FROM:<a@b.test>'), said('RCPT', 'TO:<agent@mx.test>'))
                s.send(b'BDAT 17\r\nSubject: chunks\r\n')
                s.send(b'BDAT 6 LAST\r\n\r\none\r')
                print(s.getreply()[0], s.getreply()[0])
            with smtplib.SMTP('127.0.0.1', {{host.Address.Port}}, timeout=30) as s:
                s.ehlo()
                s.docmd('MAIL', 'FROM:<a@b.test>')
                s.docmd('RCPT', 'TO:<agent@mx.test>')
                s.send(b'BDAT 17\r\nSubject: chunks\r\n' + b'BDAT 7 LAST\r\n\r\none\r\n')
                print(s.getreply()[0], s.getreply()[0], s.docmd('QUIT')[0])
            """);
        Assert.Equal(("", "250 250 250 214 252 502 502 500\n250 250 250 503\n250 250\n250 554\n250 250 221\n"), (result.ErrorText, result.OutputText));
        Assert.Equal("chunks", Assert.Single(TestMail.Reader(MailFolder).List("agent")).Subject);
    }

    [Fact]
    public async Task Swaks_SendsAndIsStored()
    {
        SkipWithout("swaks");
        await using var host = await MailHost.StartAsync(_home.Path, TestMail.Options);
        var result = await ChildProcess.RunAsync(
            new ChildSpec(
                "swaks", "--server", $"127.0.0.1:{host.Address.Port}", "--to", "agent@mx.test", "--from", "swaks@example.org",
                "--header", "Subject: from swaks", "--body", "hello from swaks", "--pipeline"),
            new RunLimits { Timeout = TimeSpan.FromSeconds(30) },
            CancellationToken.None);
        Assert.True(result.Succeeded, result.OutputText + result.ErrorText);
        var reader = TestMail.Reader(MailFolder);
        var message = Assert.Single(reader.List("agent"));
        Assert.Equal(("from swaks", "<swaks@example.org>", "<agent@mx.test>"), (message.Subject, message.From, message.To));
        Assert.StartsWith("hello from swaks", reader.Show("agent", message.Id)!.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Swaks_WithTls_IsStored()
    {
        SkipWithout("swaks");
        Assert.SkipUnless(await HasPerlTlsAsync(), "swaks has no TLS here: libnet-ssleay-perl is not installed");
        await using var host = await MailHost.StartAsync(_home.Path, TestMail.Options);
        var result = await ChildProcess.RunAsync(
            new ChildSpec(
                "swaks", "--server", $"127.0.0.1:{host.Address.Port}", "--to", "agent@mx.test", "--from", "swaks@example.org",
                "--header", "Subject: secret swaks", "--tls", "--pipeline"),
            new RunLimits { Timeout = TimeSpan.FromSeconds(30) },
            CancellationToken.None);
        Assert.True(result.Succeeded, result.OutputText + result.ErrorText);
        Assert.Equal("secret swaks", Assert.Single(TestMail.Reader(MailFolder).List("agent")).Subject);
    }

    [Fact]
    public async Task Smtplib_WithStartTls_SeesOurCertificateAndIsStored()
    {
        await using var host = await MailHost.StartAsync(_home.Path, TestMail.Options);
        var result = await PythonAsync(
            $$"""
            import smtplib, ssl
            context = ssl.create_default_context(cafile={{Quote(Path.Combine(MailFolder, "tls/self-signed.pem"))}})
            with smtplib.SMTP('127.0.0.1', {{host.Address.Port}}, timeout=10) as s:
                s._host = 'mx.test'
                s.starttls(context=context)
                s.ehlo()
                assert not s.has_extn('starttls')
                print(s.sock.version())
                s.sendmail('a@b.test', ['agent@mx.test'], 'Subject: secret\r\n\r\ntext\r\n')
            """);
        Assert.Equal(("", "TLSv1.3\n"), (result.ErrorText, result.OutputText));
        var reader = TestMail.Reader(MailFolder);
        var message = reader.Show("agent", Assert.Single(reader.List("agent")).Id)!;
        Assert.Contains("with ESMTPS id", await File.ReadAllTextAsync(message.RawPath!), StringComparison.Ordinal);
    }

    private static async Task<bool> HasPerlTlsAsync() => (await ChildProcess.RunAsync(
        new ChildSpec("/usr/bin/perl", "-MNet::SSLeay", "-e", "1"), RunLimits.Default, CancellationToken.None)).Succeeded;

    [Fact]
    public async Task Worker_Stopped_SaysGoodbyeAndStartsAgainOverItsFiles()
    {
        await using (var host = await MailHost.StartAsync(_home.Path, TestMail.Options))
        {
            using var client = await LineClient.ConnectAsync(host.Address);
            var stop = host.StopAsync();
            Assert.StartsWith("421 4.3.2", await client.ReadReplyAsync(), StringComparison.Ordinal);
            client.Dispose();
            await stop;
        }

        await using var again = await MailHost.StartAsync(_home.Path, TestMail.Options);
        using var next = await LineClient.ConnectAsync(again.Address);
        Assert.True(await next.DeliverAsync("agent@mx.test", TestMail.Message()));
        Assert.Equal(["aimx", "smtp"], again.Context.Health.Current.Listeners.Select(listener => listener.Protocol));
    }

    private static async Task<RunResult> PythonAsync(string script)
    {
        SkipWithout("python3");
        var limits = new RunLimits { Timeout = TimeSpan.FromSeconds(30), Input = System.Text.Encoding.UTF8.GetBytes(script) };
        return await ChildProcess.RunAsync(
            new ChildSpec("python3", "-") { Environment = new Dictionary<string, string> { ["PATH"] = SearchPath, ["PYTHONUTF8"] = "1" } },
            limits,
            CancellationToken.None);
    }

    private static string Quote(string path) => $"'{path}'";

    private const string SearchPath = "/usr/local/bin:/usr/bin:/bin";

    private static void SkipWithout(string program) => Assert.SkipUnless(
        SearchPath.Split(':').Any(folder => File.Exists(Path.Combine(folder, program))), $"{program} is not installed");
}
