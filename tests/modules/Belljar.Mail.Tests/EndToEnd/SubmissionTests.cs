using System.Net;
using Belljar.Contracts.Events;
using Belljar.Mail.Outgoing;
using Belljar.Mail.Submission;
using Belljar.Mail.Tests.Outgoing;
using Belljar.Mail.Victim;
using Belljar.Testing;

namespace Belljar.Mail.Tests.EndToEnd;

/// <summary>People who log in, over real sockets, with clients that somebody else wrote.</summary>
public sealed class SubmissionTests : IDisposable
{
    private const string Password = "correct horse battery";

    /// <summary>SCRAM (RFC 5802) as a client, from the formulas of the RFC, in a language that has no such class.</summary>
    private const string Scram =
        """
        import smtplib, ssl, hashlib, hmac, base64, sys
        class Scram:
            def __init__(self, user, password, binding=None):
                self.gs2 = 'p=tls-server-end-point,,' if binding else 'n,,'
                self.binding, self.password = binding or b'', password
                self.bare = f'n={user},r=fyko+d2lbbFgONRv9qkxdawL'
            def __call__(self, challenge=None):
                if challenge is None:
                    return self.gs2 + self.bare
                text = challenge.decode()
                if text.startswith('v='):
                    assert text[2:] == self.expected, 'the server does not know the password either'
                    return ''
                parts = dict(part.split('=', 1) for part in text.split(','))
                salted = hashlib.pbkdf2_hmac('sha256', self.password.encode(), base64.b64decode(parts['s']), int(parts['i']))
                mac = lambda key, data: hmac.new(key, data, hashlib.sha256).digest()
                key = mac(salted, b'Client Key')
                final = 'c=' + base64.b64encode(self.gs2.encode() + self.binding).decode() + ',r=' + parts['r']
                said = (self.bare + ',' + text + ',' + final).encode()
                proof = bytes(a ^ b for a, b in zip(key, mac(hashlib.sha256(key).digest(), said)))
                self.expected = base64.b64encode(mac(mac(salted, b'Server Key'), said)).decode()
                return final + ',p=' + base64.b64encode(proof).decode()
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        def refused(s, sender, to, text='From: agent@mx.test\r\n\r\nx\r\n'):
            try:
                s.sendmail(sender, to, text)
                return 'accepted'
            except smtplib.SMTPSenderRefused as e:
                return f'{e.smtp_code} {e.smtp_error.decode()[:5]}'
            except smtplib.SMTPRecipientsRefused as e:
                code, text = e.recipients[to]
                return f'{code} {text.decode()[:5]}'
            except smtplib.SMTPDataError as e:
                return f'{e.smtp_code} {e.smtp_error.decode()[:5]}'

        """;

    private static readonly MailOptions Options = TestMail.Options with
    {
        Submission = new SubmissionOptions { Listen = [new IPEndPoint(IPAddress.Loopback, 0)], ListenTls = [new IPEndPoint(IPAddress.Loopback, 0)] },
    };

    private readonly TemporaryFolder _home = new();

    private string MailFolder => _home["state/mail"];

    public void Dispose() => _home.Dispose();

    [Fact]
    public async Task Scram_BoundToTheCertificate_LogsInAndDeliversHere()
    {
        await using var host = await StartAsync();
        var result = await Tools.PythonAsync(Scram +
            $$"""
            with smtplib.SMTP_SSL('127.0.0.1', {{host.AddressOf("submissions").Port}}, context=context, timeout=30) as s:
                s.ehlo()
                print(s.esmtp_features['auth'].strip())
                print(refused(s, 'agent@mx.test', 'second@mx.test'))
                binding = hashlib.sha256(s.sock.getpeercert(True)).digest()
                s.auth('SCRAM-SHA-256-PLUS', Scram('agent', '{{Password}}', binding))
                s.sendmail('agent+work@mx.test', ['second@mx.test'], 'From: The Agent <agent@mx.test>\r\nSubject: from a person\r\n\r\nhello\r\n')
                print(refused(s, 'agent@mx.test', 'you@elsewhere.test'))
                print(refused(s, 'second@mx.test', 'second@mx.test'))
                print(refused(s, 'anything@rest.test', 'second@mx.test'))
                print(refused(s, '', 'second@mx.test'))
                print(refused(s, 'agent@mx.test', 'second@mx.test', 'From: second@mx.test\r\n\r\nx\r\n'))
                print(refused(s, 'agent@mx.test', 'second@mx.test', 'From: agent@mx.test, second@mx.test\r\n\r\nx\r\n'))
                print(refused(s, 'agent@mx.test', 'nobody@mx.test'))
            """);
        Assert.Equal(
            ("", "SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN\n530 5.7.0\n550 5.3.3\n550 5.7.1\n550 5.7.1\n550 5.7.1\n550 5.7.1\n550 5.7.1\n550 5.1.1\n"),
            (result.ErrorText, result.OutputText));

        var reader = TestMail.Reader(MailFolder);
        var message = reader.Show("second", Assert.Single(reader.List("second")).Id)!;
        Assert.Equal("from a person", message.Summary.Subject);
        Assert.Equal(("none", "none", "none", "false"), (message.Frontmatter.GetString("dkim"), message.Frontmatter.GetString("spf"), message.Frontmatter.GetString("dmarc"), message.Summary.Trusted));
        var raw = await File.ReadAllTextAsync(message.RawPath!);
        Assert.Contains("\tauth=pass\r\n\t\tsmtp.auth=agent;\r\n", raw, StringComparison.Ordinal);
        Assert.Contains("with ESMTPSA id", raw, StringComparison.Ordinal);
    }

    [Fact]
    public async Task MailForOthers_GoesToTheQueue_AndOneMessageForBothToEverybody()
    {
        await using var sink = new SinkServer();
        await using var host = await StartAsync(outgoing: ToTheSink(sink) with { AllowedRecipients = new Dictionary<string, IReadOnlyList<string>> { ["agent"] = ["*@mx.test", "*@elsewhere.test"] } });
        using var key = System.Security.Cryptography.RSA.Create(2048);
        var pem = key.ExportRSAPrivateKeyPem().Replace("\n", "\\r\\n", StringComparison.Ordinal) + "\\r\\n";
        var result = await Tools.PythonAsync(Scram +
            $$"""
            with smtplib.SMTP_SSL('127.0.0.1', {{host.AddressOf("submissions").Port}}, context=context, timeout=30) as s:
                print(refused(s, 'agent@mx.test', 'you@elsewhere.test'))
                s.login('agent', '{{Password}}')
                s.sendmail('agent@mx.test', ['you@elsewhere.test', 'second@mx.test', 'hidden@elsewhere.test'], 'From: agent@mx.test\r\nTo: you@elsewhere.test\r\nBcc: hidden@elsewhere.test\r\nSubject: to both\r\n\r\nhello\r\n')
                print(refused(s, 'agent@mx.test', 'you@forbidden.test'))
                print(refused(s, 'agent@mx.test', 'you@elsewhere.test', 'From: second@mx.test\r\n\r\nx\r\n'))
                print(refused(s, 'agent@mx.test', 'you@elsewhere.test', 'From: agent@mx.test\r\nFrom: agent@mx.test\r\n\r\nx\r\n'))
                print(refused(s, 'agent@mx.test', 'you@elsewhere.test', 'From: agent@mx.test\r\n\r\n{{pem}}'))
            """);
        Assert.Equal(("", "530 5.7.0\n550 5.7.1\n550 5.7.1\n554 5.6.0\n550 5.7.1\n"), (result.ErrorText, result.OutputText));

        await OutgoingRig.UntilAsync(() => sink.Messages.Count == 1);
        await host.Events.WaitAsync(EventKinds.MailSent, 1);
        var sent = Assert.Single(sink.Messages);
        Assert.Equal(["RCPT TO:<you@elsewhere.test>", "RCPT TO:<hidden@elsewhere.test>"], sent.Recipients.Select(line => line.Split(" NOTIFY")[0]));
        Assert.DoesNotContain("hidden", sent.Text, StringComparison.Ordinal);
        Assert.Matches(@"^Received: from \S+ \(\[127\.0\.0\.1\]\)\r\n\tby mx\.test with ESMTPSA id [0-9a-f]{32}\r\n\t; ", sent.Text);
        var reader = TestMail.Reader(MailFolder);
        Assert.Equal("to both", Assert.Single(reader.List("second")).Subject);
        Assert.Equal("to both", Assert.Single(reader.List("agent", Belljar.Mail.Storage.MailFolder.Sent)).Subject);
        Assert.Equal("delivered", EventKinds.MailSent.Read(host.Events.Of(EventKinds.MailSent)[0]).Status);
    }

    [Fact]
    public async Task StartTls_ComesBeforeTheLogin_AndScramWorksWithoutBinding()
    {
        await using var host = await StartAsync();
        var result = await Tools.PythonAsync(Scram +
            $$"""
            with smtplib.SMTP('127.0.0.1', {{host.AddressOf("submission").Port}}, timeout=30) as s:
                s.ehlo()
                assert not s.has_extn('auth') and s.has_extn('starttls')
                print(s.docmd('AUTH', 'PLAIN AAAA')[0], refused(s, 'agent@mx.test', 'agent@mx.test'))
                s.starttls(context=context)
                s.ehlo()
                s.auth('SCRAM-SHA-256', Scram('agent@mx.test', '{{Password}}'))
                s.sendmail('agent@mx.test', ['agent@mx.test'], 'From: agent@mx.test\r\nSubject: to myself\r\n\r\nhello\r\n')
            with smtplib.SMTP('127.0.0.1', {{host.AddressOf("submission").Port}}, timeout=30) as s:
                s.starttls(context=context)
                s.login('agent', '{{Password}}')
                s.sendmail('agent@mx.test', ['agent@mx.test'], 'From: agent@mx.test\r\nSubject: plain\r\n\r\nhello\r\n')
            """);
        Assert.Equal(("", "538 530 5.7.0\n"), (result.ErrorText, result.OutputText));
        Assert.Equal(["plain", "to myself"], TestMail.Reader(MailFolder).List("agent").Select(message => message.Subject).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Guesses_AreReportedAndThenNotListenedTo()
    {
        // However long the guesses take, no minute goes by.
        await using var host = await StartAsync(new ManualClock());
        var result = await Tools.PythonAsync(Scram +
            $$"""
            def guess(user, password, mechanism):
                with smtplib.SMTP_SSL('127.0.0.1', {{host.AddressOf("submissions").Port}}, context=context, timeout=30) as s:
                    s.ehlo()
                    try:
                        s.user, s.password = user, password
                        s.auth(mechanism, Scram(user, password) if mechanism != 'PLAIN' else s.auth_plain)
                        return 'in'
                    except smtplib.SMTPAuthenticationError as e:
                        return e.smtp_code
            print(guess('agent', 'guess one', 'PLAIN'), guess('agent', 'guess two', 'SCRAM-SHA-256'), guess('nobody', 'x', 'PLAIN'), guess('nobody', 'x', 'SCRAM-SHA-256'))
            print(guess('second', 'x', 'PLAIN'), guess('agent', '{{Password}}', 'PLAIN'))
            """);
        Assert.Equal(("", "535 535 535 535\n535 454\n"), (result.ErrorText, result.OutputText));
        Assert.Equal(
            Enumerable.Repeat("535 5.7.8 wrong name or password", 5),
            host.Events.Of(EventKinds.MailRefused).Select(e => EventKinds.MailRefused.Read(e)!.Reply));
        Assert.DoesNotContain(host.Events.Of(EventKinds.MailRefused), e => e.Data.ToString()!.Contains("guess", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Swaks_WithPlain_Submits()
    {
        Tools.SkipWithout("swaks");
        Assert.SkipUnless(await Tools.HasPerlTlsAsync(), "swaks has no TLS here: libnet-ssleay-perl is not installed");
        await using var host = await StartAsync();
        string[] login = ["--from", "agent@mx.test", "--auth", "PLAIN", "--auth-user", "agent", "--auth-password", Password];
        var submitted = await Tools.RunAsync([], ["swaks", "--server", host.AddressOf("submission").ToString(), "--tls", "--to", "second@mx.test", "--header", "Subject: swaks", .. login]);
        Assert.True(submitted.Succeeded, submitted.OutputText + submitted.ErrorText);
        var foreign = await Tools.RunAsync([], ["swaks", "--server", host.AddressOf("submissions").ToString(), "--tls-on-connect", "--to", "you@elsewhere.test", .. login]);
        Assert.Contains("550 5.3.3 sending to other domains is not configured here", foreign.OutputText, StringComparison.Ordinal);
        Assert.Equal("swaks", Assert.Single(TestMail.Reader(MailFolder).List("second")).Subject);
    }

    [Fact]
    public async Task Password_Changed_CountsAtOnce_AndIsNowhereOnTheDisk()
    {
        await using var host = await StartAsync();
        MailboxPasswords.Set(MailFolder, "agent", "another password");
        var login = $"with smtplib.SMTP_SSL('127.0.0.1', {host.AddressOf("submissions").Port}, context=context, timeout=30) as s:\n    s.login('agent', 'another password')\n    print('in')\n";
        Assert.Equal("in\n", (await Tools.PythonAsync(Scram + login)).OutputText);
        var file = Assert.Single(Directory.GetFiles(Path.Combine(MailFolder, "logins")));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Matches(@"^SCRAM-SHA-256\$32768:[A-Za-z0-9+/=]+\$[A-Za-z0-9+/=]+:[A-Za-z0-9+/=]+\n$", await File.ReadAllTextAsync(file));

        Assert.True(MailboxPasswords.Remove(MailFolder, "agent"));
        Assert.False(MailboxPasswords.Remove(MailFolder, "agent"));
        Assert.Contains("SMTPAuthenticationError", (await Tools.PythonAsync(Scram + login)).ErrorText, StringComparison.Ordinal);
    }

    private static OutgoingOptions ToTheSink(SinkServer sink) => new() { Sign = false, Smarthost = new SmarthostOptions("localhost", sink.Port, SmarthostTls.None, null, null) };

    private async Task<MailHost> StartAsync(TimeProvider? clock = null, OutgoingOptions? outgoing = null)
    {
        MailboxPasswords.Set(MailFolder, "agent", Password);
        return await MailHost.StartAsync(_home.Path, Options with { Outgoing = outgoing ?? new OutgoingOptions() }, clock);
    }
}
