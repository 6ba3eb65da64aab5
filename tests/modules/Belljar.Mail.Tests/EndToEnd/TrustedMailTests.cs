using System.Text;
using Belljar.Contracts.Events;
using Belljar.Mail.Hooks;
using Belljar.Mail.Reading;
using Belljar.Mail.Tests.Authentication;
using Belljar.Mail.Victim;
using Belljar.Testing;

namespace Belljar.Mail.Tests.EndToEnd;

/// <summary>Signatures of other people's programs, keys from a real DNS socket, a worker as it ships: what is trusted, and what then fires.</summary>
public sealed class TrustedMailTests : IDisposable
{
    private const string Letter = "From: Ann <ann@a.example>\r\nDate: Sat, 14 Mar 2026 09:26:53 +0000\r\nTo: agent@mx.test\r\nSubject: caf\u00E9\r\n\r\nA  line \r\n\r\nand caf\u00E9 \u0080\u00FF\r\n..\r\n";

    private readonly TemporaryFolder _home = new();
    private readonly Rig _rig = new();

    public void Dispose() => _home.Dispose();

    [Fact]
    public async Task Dkimsign_OverSmtp_IsTrustedAndFiresTheHook_AndItsForgeryDoesNot()
    {
        Tools.SkipWithout("dkimsign");
        await using var dns = new ZoneServer(_rig.Zone);
        await using var host = await StartAsync(dns, new HookOptions("wake", new HookAction.Run(["/bin/true"])), new HookOptions("always", new HookAction.Run(["/bin/true"])) { FireOnUntrusted = true });
        var signed = await SignAsync("dkimsign", "k", "a.example", KeyFile());

        await SendAsync(host, Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(signed).Replace("A  line", "Another line")));
        await SendAsync(host, signed);
        await host.Events.WaitAsync(EventKinds.MailHook, 3);

        var messages = Messages();
        Assert.Equal(["false", "true"], messages.Select(message => message.Summary.Trusted).Order(StringComparer.Ordinal));
        var trusted = messages.Single(message => message.Summary.Trusted == "true");
        Assert.Equal(("pass", "none", "pass"), (trusted.Frontmatter.GetString("dkim"), trusted.Frontmatter.GetString("spf"), trusted.Frontmatter.GetString("dmarc")));
        Assert.EndsWith(Encoding.Latin1.GetString(signed), Encoding.Latin1.GetString(await File.ReadAllBytesAsync(trusted.RawPath!)), StringComparison.Ordinal);
        var fired = host.Events.Of(EventKinds.MailHook).Select(e => EventKinds.MailHook.Read(e)!).ToList();
        Assert.Equal(["always", "always", "wake"], fired.Select(hook => hook.Hook).Order(StringComparer.Ordinal));
        Assert.Equal(trusted.Summary.Id, fired.Single(hook => hook.Hook == "wake").Id);
    }

    /// <summary>That program signs with rsa-sha1 alone: it is seen and understood, and proves nothing (RFC 8301).</summary>
    [Fact]
    public async Task Opendkim_OverSmtp_IsSeenAndItsSha1IsNoProof()
    {
        Tools.SkipWithout("opendkim-testmsg");
        await using var dns = new ZoneServer(_rig.Zone);
        await using var host = await StartAsync(dns);
        await SendAsync(host, await SignAsync("opendkim-testmsg", "-C", "-d", "a.example", "-s", "k", "-k", KeyFile()));

        var message = Assert.Single(Messages());
        Assert.Equal(("policy", "fail", "false"), (message.Frontmatter.GetString("dkim"), message.Frontmatter.GetString("dmarc"), message.Summary.Trusted));
        Assert.Contains("rsa-sha1 is not accepted", await File.ReadAllTextAsync(message.RawPath!, Encoding.Latin1), StringComparison.Ordinal);
    }

    private async Task<MailHost> StartAsync(ZoneServer dns, params HookOptions[] hooks) => await MailHost.StartAsync(_home.Path, TestMail.Options with
    {
        Mailboxes = [TestMail.Agent with { Trust = TrustPolicy.Verified, TrustedSenders = ["ann@a.example"], Hooks = hooks }],
        SenderChecks = new SenderCheckOptions { DnsServers = [dns.Address], OwnMachineTimeout = TimeSpan.FromSeconds(60) },
    });

    private List<StoredMessage> Messages()
    {
        var reader = TestMail.Reader(_home["state/mail"]);
        return [.. reader.List("agent").Select(message => reader.Show("agent", message.Id)!)];
    }

    private string KeyFile()
    {
        using var rsa = System.Security.Cryptography.RSA.Create(2048);
        File.WriteAllText(_home["rsa.key"], rsa.ExportRSAPrivateKeyPem() + "\n");
        File.SetUnixFileMode(_home["rsa.key"], UnixFileMode.UserRead | UnixFileMode.UserWrite);
        _rig.Zone.Add("k._domainkey.a.example", "TXT", Rig.Chunks($"v=DKIM1; k=rsa; p={Convert.ToBase64String(rsa.ExportSubjectPublicKeyInfo())}"));
        return _home["rsa.key"];
    }

    private static async Task<byte[]> SignAsync(params string[] command)
    {
        var result = await Tools.RunAsync(Encoding.Latin1.GetBytes(Letter), command);
        Assert.True(result.Succeeded, result.ErrorText);
        return result.Output;
    }

    private static async Task SendAsync(MailHost host, byte[] message)
    {
        var result = await Tools.PythonAsync(
            $$"""
            import smtplib, base64
            with smtplib.SMTP('127.0.0.1', {{host.Address.Port}}, timeout=30) as s:
                s.sendmail('bounce@c.example', ['agent@mx.test'], base64.b64decode('{{Convert.ToBase64String(message)}}'), mail_options=['BODY=8BITMIME'])
            """);
        Assert.Equal("", result.ErrorText);
    }
}
