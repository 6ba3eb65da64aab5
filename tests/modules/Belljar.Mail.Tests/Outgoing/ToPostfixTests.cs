using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Belljar.Mail.Outgoing;
using Belljar.Mail.Tls;
using Belljar.Sandboxes.Processes;
using Belljar.Testing;

namespace Belljar.Mail.Tests.Outgoing;

/// <summary>We deliver to a real Postfix that has a queue and a configuration of its own, and others' verifiers accept what arrived.</summary>
public sealed class ToPostfixTests : IAsyncDisposable
{
    private const string Program = "/usr/sbin/postfix";

    private readonly OutgoingRig _rig = new();
    private readonly TemporaryFolder _postfix = new();

    private static Dictionary<string, string> Locale => new() { ["LC_ALL"] = "C.UTF-8", ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin" };

    public async ValueTask DisposeAsync()
    {
        await _rig.DisposeAsync();
        _postfix.Dispose();
    }

    [Fact]
    public async Task Postfix_TakesTlsEightBitsAndSmtpUtf8_ReportsAndIsVerified()
    {
        Assert.SkipUnless(File.Exists(Program), "postfix is not installed");
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "postfix can only be started by root");
        Assert.SkipUnless(File.Exists("/usr/bin/dkimverify"), "python3-dkim is not installed");
        _rig.Options = _rig.Options with { Sign = true };
        _rig.Zone.Add("münchen.example", "TXT", "never asked").Add("xn--mnchen-3ya.example", "MX", "10", "mx.b.example");
        await _rig.StartAsync();
        _rig.Keys.Generate("mx.test");
        var port = FreePort();
        await ConfigureAsync(port);
        await RunAsync([], Program, "-c", _postfix["etc"], "check");
        var daemon = ChildProcess.Start(new ChildSpec(Program, "-c", _postfix["etc"], "start-fg") { Environment = Locale });
        try
        {
            await ReachAsync(port);
            _rig.Network.Port = port;
            await DeliverAsync("From: agent@mx.test\nTo: bob@b.example\nSubject: plain\n\n.\n..dots\nFrom here\n");
            await DeliverAsync("From: agent@mx.test\nTo: bob@b.example\nSubject: eight bits\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\nGrüße\n");
            await DeliverAsync("From: agent@mx.test\nTo: jürgen@münchen.example\nSubject: überall\n\nUTF-8\n");
            await DeliverAsync($"From: agent@mx.test\nTo: bob@b.example\nSubject: large\n\n{string.Concat(Enumerable.Repeat(new string('x', 900) + "\n", 2000))}");
            var refused = await _rig.AcceptAsync("From: agent@mx.test\nTo: nobody@b.example\nSubject: refused\n\nx\n", OutgoingRig.Anybody with { Wait = true });
            Assert.True(refused.Outcome!.IsFailed);
            await OutgoingRig.UntilAsync(() => Arrived().Count == 4);
        }
        finally
        {
            // Its master has a session of its own, where the group's signals do not reach it.
            await RunAsync([], Program, "-c", _postfix["etc"], "stop");
            await daemon.Exited;
            await daemon.DisposeAsync();
        }

        var arrived = Arrived().Select(File.ReadAllBytes).ToDictionary(bytes => Encoding.UTF8.GetString(bytes).Split("\nSubject: ")[1].Split('\n')[0]);
        Assert.Equal(["eight bits", "large", "plain", "überall"], arrived.Keys.Order(StringComparer.Ordinal));
        foreach (var (subject, bytes) in arrived)
        {
            var text = Encoding.UTF8.GetString(bytes);
            Assert.Contains(subject == "überall" ? "with UTF8SMTPS id" : "with ESMTPS id", text, StringComparison.Ordinal);
            await AssertVerifiesAsync(bytes);
        }

        Assert.EndsWith("\n\n.\n..dots\nFrom here\n", Encoding.UTF8.GetString(arrived["plain"]), StringComparison.Ordinal);
        Assert.EndsWith("\n\nGrüße\n", Encoding.UTF8.GetString(arrived["eight bits"]), StringComparison.Ordinal);

        // DSN was offered and used: Postfix logs what it was told.
        var log = await File.ReadAllTextAsync(_postfix["log/maillog"]);
        Assert.Contains("Anonymous TLS connection established", log, StringComparison.Ordinal);
        Assert.Matches(@"MAIL FROM:<agent@mx\.test> .*RET=HDRS ENVID=[!-~]+", log);
        Assert.Contains("RCPT TO:<bob@b.example> NOTIFY=FAILURE,DELAY ORCPT=rfc822;bob@b.example", log, StringComparison.Ordinal);
        Assert.Contains("BODY=8BITMIME", log, StringComparison.Ordinal);
        await _rig.EmptyAsync();
        var report = await File.ReadAllTextAsync(_rig.Reader.Show("agent", Assert.Single(_rig.Reader.List("agent")).Id)!.RawPath!);
        Assert.Contains("Status: 5.1.1", report, StringComparison.Ordinal);
    }

    private async Task DeliverAsync(string text)
    {
        var accepted = await _rig.AcceptAsync(text, OutgoingRig.Anybody with { Wait = true });
        Assert.True(accepted.Outcome!.IsDelivered, accepted.Outcome.Reason);
    }

    /// <summary>Maildir has LF where the wire had CRLF.</summary>
    private async Task AssertVerifiesAsync(byte[] message)
    {
        var wire = Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(message).Replace("\n", "\r\n", StringComparison.Ordinal));
        var records = _rig.Keys.Records("mx.test", _rig.Keys.CurrentName("mx.test")!).ToDictionary(record => record.Name + ".", record => record.Text);
        const string script = "import dkim, json, sys\nrecords = json.loads(sys.argv[1])\nmessage = sys.stdin.buffer.read()\n"
            + "dns = lambda name, timeout=5: records[name.decode()].encode() if name.decode() in records else None\n"
            + "print([dkim.DKIM(message).verify(idx=i, dnsfunc=dns) for i in (0, 1)])\n";
        var result = await RunAsync(wire, "/usr/bin/python3", "-c", script, JsonSerializer.Serialize(records));
        Assert.Equal("[True, True]", result.Trim());
    }

    private List<string> Arrived() => Directory.Exists(_postfix["mail/agent/new"]) ? [.. Directory.EnumerateFiles(_postfix["mail/agent/new"])] : [];

    private async Task ConfigureAsync(int port)
    {
        const UnixFileMode ForAll = (UnixFileMode)0b111_101_101;
        File.SetUnixFileMode(_postfix.Path, ForAll);
        foreach (var folder in new[] { "etc", "queue", "data", "log", "mail" })
        {
            Directory.CreateDirectory(_postfix[folder], ForAll);
        }

        Directory.CreateDirectory(_postfix["tls"]);
        var tls = SelfSignedFiles.Ensure(_postfix["tls"], "mx.b.example", TimeProvider.System);
        await File.WriteAllTextAsync(_postfix["etc/boxes"], "bob@b.example agent/\njürgen@xn--mnchen-3ya.example agent/\njürgen@münchen.example agent/\n");
        await File.WriteAllTextAsync(
            _postfix["etc/main.cf"],
            $"""
            compatibility_level = 3.6
            queue_directory = {_postfix["queue"]}
            data_directory = {_postfix["data"]}
            command_directory = /usr/sbin
            daemon_directory = /usr/lib/postfix/sbin
            mail_owner = postfix
            setgid_group = postdrop
            myhostname = mx.b.example
            mydestination =
            alias_maps =
            alias_database =
            inet_interfaces = 127.0.0.1
            inet_protocols = ipv4
            mynetworks = 127.0.0.0/8
            disable_dns_lookups = yes
            smtputf8_enable = yes
            smtpd_tls_security_level = encrypt
            smtpd_tls_cert_file = {tls.Certificate}
            smtpd_tls_key_file = {tls.Key}
            smtpd_tls_loglevel = 1
            virtual_mailbox_domains = b.example, xn--mnchen-3ya.example, münchen.example
            virtual_mailbox_base = {_postfix["mail"]}
            virtual_mailbox_maps = texthash:{_postfix["etc/boxes"]}
            virtual_minimum_uid = 1
            virtual_uid_maps = static:{await IdAsync("-u")}
            virtual_gid_maps = static:{await IdAsync("-g")}
            maillog_file_prefixes = {_postfix["log"]}
            maillog_file = {_postfix["log"]}/maillog

            """);
        await File.WriteAllTextAsync(
            _postfix["etc/master.cf"],
            $"""
            127.0.0.1:{port} inet n - n - - smtpd -v
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
            virtual unix - n n - - virtual
            anvil unix - - n - 1 anvil
            scache unix - - n - 1 scache
            postlog unix-dgram n - n - 1 postlogd

            """);
        await RunAsync([], "/bin/chown", "postfix", _postfix["data"], _postfix["mail"]);
    }

    private static async Task<string> IdAsync(string what) => (await RunAsync([], "/usr/bin/id", what, "postfix")).Trim();

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private static async Task ReachAsync(int port)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, port, patience.Token);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, patience.Token);
            }
        }
    }

    private static async Task<string> RunAsync(byte[] input, params string[] command)
    {
        var result = await ChildProcess.RunAsync(
            new ChildSpec(command) { Environment = Locale }, new RunLimits { Input = input, Timeout = TimeSpan.FromSeconds(60) }, CancellationToken.None);
        Assert.True(result.Succeeded, result.OutputText + result.ErrorText);
        return result.OutputText;
    }
}
