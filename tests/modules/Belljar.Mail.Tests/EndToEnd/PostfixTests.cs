using System.Text;
using Belljar.Contracts.Events;
using Belljar.Mail.Victim;
using Belljar.Sandboxes.Processes;
using Belljar.Testing;

namespace Belljar.Mail.Tests.EndToEnd;

/// <summary>A real Postfix, with a queue and a configuration of its own, delivers to us over loopback. (Its client never sends BDAT.)</summary>
public sealed class PostfixTests : IDisposable
{
    private const string Daemons = "/usr/lib/postfix/sbin";

    private static readonly MailboxOptions Agent = TestMail.Agent with { Addresses = ["agent@mx.test", "grüße@mx.test"] };

    private readonly TemporaryFolder _home = new();
    private readonly TemporaryFolder _postfix = new();

    public void Dispose()
    {
        _home.Dispose();
        _postfix.Dispose();
    }

    [Fact]
    public async Task Postfix_DeliversInsideTlsWithPipelining8BitAndSmtpUtf8()
    {
        Assert.SkipUnless(File.Exists("/usr/sbin/postfix"), "postfix is not installed");
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "postfix can only be started by root");
        await using var host = await MailHost.StartAsync(_home.Path, TestMail.Options with { Mailboxes = [Agent] });
        Configure(host.Address.Port);
        await RunAsync("", "/usr/sbin/postfix", "-c", _postfix["etc"], "check");
        var daemon = ChildProcess.Start(new ChildSpec("/usr/sbin/postfix", "-c", _postfix["etc"], "start-fg") { Environment = Locale });
        try
        {
            await SendAsync("alice@sender.test", "agent@mx.test", "Subject: plain\n\n.\n..dots\nFrom here\n");
            await SendAsync("alice@sender.test", "agent@mx.test", "Subject: eight bits\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\nGrüße\n");
            await SendAsync("jürgen@sender.test", "grüße@mx.test", "From: jürgen@sender.test\nTo: grüße@mx.test\nSubject: Grüße\n\nUTF-8 überall\n");
            await SendAsync("alice@sender.test", "agent@mx.test", $"Subject: large\n\n{string.Concat(Enumerable.Repeat(new string('x', 900) + "\n", 2000))}");
            await host.Events.WaitAsync(EventKinds.MailReceived, 4);
        }
        finally
        {
            // Its master has a session of its own, where the group's signals do not reach it.
            await RunAsync("", "/usr/sbin/postfix", "-c", _postfix["etc"], "stop");
            await daemon.Exited;
            await daemon.DisposeAsync();
        }

        var reader = TestMail.Reader(_home["state/mail"]);
        var messages = reader.List("agent").Select(message => reader.Show("agent", message.Id)!).ToDictionary(message => message.Summary.Subject);
        Assert.Equal(["eight bits", "large", "plain", "Grüße"], messages.Keys.OrderBy(subject => subject == "Grüße").ThenBy(subject => subject, StringComparer.Ordinal));
        Assert.Equal(".\n..dots\nFrom here\n", messages["plain"].Body);
        Assert.Equal("Grüße\n", messages["eight bits"].Body);
        Assert.Equal("UTF-8 überall\n", messages["Grüße"].Body);
        Assert.Equal("jürgen@sender.test", messages["Grüße"].Frontmatter.GetString("envelope_from"));
        Assert.Equal(2000 * 901, messages["large"].Body.Length);
        foreach (var (subject, message) in messages)
        {
            Assert.Contains(subject == "Grüße" ? "with UTF8SMTPS id" : "with ESMTPS id", File.ReadAllText(message.RawPath!), StringComparison.Ordinal);
        }

        Assert.Empty(host.Events.Of(EventKinds.MailRefused));
    }

    private static Dictionary<string, string> Locale => new() { ["LC_ALL"] = "C.UTF-8", ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin" };

    /// <summary>Other users of this machine are Postfix's own: they have to reach its queue.</summary>
    private void Configure(int port)
    {
        File.SetUnixFileMode(_postfix.Path, (UnixFileMode)0b111_101_101);
        foreach (var folder in new[] { "etc", "queue", "data", "log" })
        {
            Directory.CreateDirectory(_postfix[folder], (UnixFileMode)0b111_101_101);
        }

        File.WriteAllText(
            _postfix["etc/main.cf"],
            $"""
            compatibility_level = 3.6
            queue_directory = {_postfix["queue"]}
            data_directory = {_postfix["data"]}
            command_directory = /usr/sbin
            daemon_directory = {Daemons}
            mail_owner = postfix
            setgid_group = postdrop
            myhostname = sender.test
            mydestination =
            alias_maps =
            alias_database =
            inet_interfaces = 127.0.0.1
            inet_protocols = ipv4
            relayhost = [127.0.0.1]:{port}
            disable_dns_lookups = yes
            smtp_tls_security_level = encrypt
            smtputf8_enable = yes
            maillog_file_prefixes = {_postfix["log"]}
            maillog_file = {_postfix["log"]}/maillog

            """);
        File.WriteAllText(
            _postfix["etc/master.cf"],
            """
            pickup unix n - n 60 1 pickup
            cleanup unix n - n - 0 cleanup
            qmgr unix n - n 300 1 qmgr
            tlsmgr unix - - n 1000? 1 tlsmgr
            rewrite unix - - n - - trivial-rewrite
            bounce unix - - n - 0 bounce
            defer unix - - n - 0 bounce
            trace unix - - n - 0 bounce
            verify unix - - n - 1 verify
            flush unix n - n 1000? 0 flush
            proxymap unix - - n - - proxymap
            smtp unix - - n - - smtp
            showq unix n - n - - showq
            error unix - - n - - error
            retry unix - - n - - error
            scache unix - - n - 1 scache
            postlog unix-dgram n - n - 1 postlogd

            """);
        Own(_postfix["data"]);
    }

    private static void Own(string path) =>
        ChildProcess.RunAsync(new ChildSpec("/bin/chown", "-R", "postfix", path), RunLimits.Default, CancellationToken.None).GetAwaiter().GetResult();

    private Task SendAsync(string from, string to, string message) =>
        RunAsync(message, "/usr/sbin/sendmail", "-C", _postfix["etc"], "-i", "-f", from, to);

    private static async Task RunAsync(string input, params string[] command)
    {
        var result = await ChildProcess.RunAsync(
            new ChildSpec(command) { Environment = Locale }, new RunLimits { Input = Encoding.UTF8.GetBytes(input), Timeout = TimeSpan.FromSeconds(30) }, CancellationToken.None);
        Assert.True(result.Succeeded, result.OutputText + result.ErrorText);
    }
}
