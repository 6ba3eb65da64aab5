using Belljar.Contracts;
using Belljar.Hosting.Settings;
using Belljar.Manifest;
using Belljar.Testing;

namespace Belljar.Mail.Tests;

public sealed class MailSettingsTests
{
    [Fact]
    public void NoSection_GivesOneMailboxOnTheLoopbackInterface()
    {
        var options = Read("");
        Assert.Equal(["agent.localhost"], options.Domains);
        Assert.Equal("agent.localhost", options.HostName);
        var mailbox = Assert.Single(options.Mailboxes);
        Assert.Equal(("agent", "agent@agent.localhost"), (mailbox.Name, mailbox.Address));
        Assert.Equal("127.0.0.1:25", Assert.Single(options.Smtp.Listen).ToString());
    }

    [Fact]
    public void Section_Full_IsBound()
    {
        var options = Read(
            """
            mail:
              hostname: mx.example.org
              smtp:
                listen: ["0.0.0.0:25", "[::1]:2525"]
                max_message: 1MiB
                max_recipients: 5
                max_connections: 10
                max_connections_per_peer: 2
                idle: 30s
                total: 2m
                rate_per_sender: 30
                greylist: 5m
                block_lists: [list.example.net]
              submission: {listen: ["127.0.0.1:587"], listen_tls: ["[::1]:465"]}
              authentication: {dns: ["127.0.0.1:53"], public_suffixes: /etc/suffixes, timeout: 3s, own_machine_timeout: 2s}
              domains: [Example.org, bücher.test]
              mailboxes:
                agent:
                  aliases: [helper@example.org, agent@bücher.test]
                  trust: verified
                  trusted_senders: ["*@example.com", boss@example.net]
                  owner: nobody
                  quota: 1GiB
                rest:
                  address: "*@example.org"
            """);
        Assert.Equal("mx.example.org", options.HostName);
        Assert.Equal(["0.0.0.0:25", "[::1]:2525"], options.Smtp.Listen.Select(address => address.ToString()));
        Assert.Equal((1 << 20, 5, 10, 2), (options.Smtp.LargestMessage, options.Smtp.MostRecipients, options.Smtp.MostConnections, options.Smtp.MostConnectionsOfOnePeer));
        Assert.Equal((30, 120), (options.Smtp.Idle.TotalSeconds, options.Smtp.Total.TotalSeconds));
        var agent = options.FindMailbox("agent")!;
        Assert.Equal(["agent@example.org", "helper@example.org", "agent@bücher.test"], agent.Addresses);
        Assert.Equal((TrustPolicy.Verified, 1L << 30), (agent.Trust, agent.QuotaBytes));
        Assert.Equal(("nobody", "*@example.com boss@example.net"), (agent.Owner, string.Join(' ', agent.TrustedSenders)));
        Assert.Equal((30, 5.0, "list.example.net"), (options.Smtp.MostFromOneSenderPerHour, options.Smtp.Greylist.TotalMinutes, Assert.Single(options.Smtp.BlockLists)));
        Assert.Equal("127.0.0.1:587 [::1]:465", $"{options.Submission.Listen[0]} {options.Submission.ListenTls[0]}");
        var checks = options.SenderChecks;
        Assert.Equal(("127.0.0.1:53", "/etc/suffixes", 3.0, 2.0), (checks.DnsServers[0].ToString(), checks.PublicSuffixes, checks.Timeout.TotalSeconds, checks.OwnMachineTimeout.TotalSeconds));
        Assert.Equal("*@example.org", options.FindMailbox("rest")!.Address);
    }

    [Theory]
    [InlineData("mail: {domain: [a.test]}", "'domain'")]
    [InlineData("mail: {domains: []}", "mail.domains")]
    [InlineData("mail: {domains: [a.test], mailboxes: {a: {trusted_senders: ['A <a@b.test>']}}}", "trusted_senders[0]")]
    [InlineData("mail: {domains: [a.test], mailboxes: {a: {owner: 'no such user'}}}", "owner")]
    [InlineData("mail: {domains: [a.test], smtp: {greylist: 1d}}", "greylist")]
    [InlineData("mail: {domains: ['[1.2.3.4]']}", "mail.domains[0]")]
    [InlineData("mail: {domains: [a.test], mailboxes: {Agent: {}}}", "'Agent'")]
    [InlineData("mail: {domains: [a.test], mailboxes: {../x: {}}}", "'../x'")]
    [InlineData("mail: {domains: [a.test], mailboxes: {agent: {address: nonsense}}}", "mail.mailboxes.agent.address")]
    [InlineData("mail: {domains: [a.test], mailboxes: {agent: {address: x@b.test}}}", "mail.mailboxes.agent.address")]
    [InlineData("mail: {domains: [a.test], mailboxes: {a: {address: x@a.test}, b: {aliases: [X@A.test]}}}", "mailbox 'a' has 'X@A.test'")]
    [InlineData("mail: {mailboxes: {a: {trust: maybe}}}", "none or verified")]
    [InlineData("mail: {mailboxes: {a: {quota: 12}}}", "mail.mailboxes.a.quota")]
    [InlineData("mail: {smtp: {listen: ['25']}}", "mail.smtp.listen[0]")]
    [InlineData("mail: {smtp: {idle: 30}}", "mail.smtp.idle")]
    public void Section_WithAMistake_SaysWhere(string yaml, string expected)
    {
        var errors = new SettingsErrors();
        Assert.Null(Load(yaml, errors));
        Assert.Contains(expected, errors.ToString(), StringComparison.Ordinal);
    }

    private static MailOptions Read(string yaml)
    {
        var errors = new SettingsErrors();
        var options = Load(yaml, errors);
        Assert.Empty(errors.Lines());
        return options!;
    }

    internal static (MailOptions Options, IReadOnlyList<string> Errors) ReadWithErrors(string yaml)
    {
        var errors = new SettingsErrors();
        return (Load(yaml, errors)!, [.. errors.Lines()]);
    }

    private static MailOptions? Load(string yaml, SettingsErrors errors)
    {
        var loader = new SettingsLoader(new Registry<SettingsSection>("section", MailSettings.Section));
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["belljar.yaml"], yaml);
        return loader.Load(folder["belljar.yaml"], new Dictionary<string, string>(), [], errors)?.Get(MailSettings.Section);
    }
}
