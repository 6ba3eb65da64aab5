using Belljar.Contracts;
using Belljar.Hosting.Settings;
using Belljar.Mail.Outgoing;
using Belljar.Manifest;
using Belljar.Testing;

namespace Belljar.Mail.Tests.Outgoing;

public sealed class OutgoingSettingsTests
{
    private static readonly SettingsSection<OutgoingOptions> Section = new("outgoing", "how mail leaves", OutgoingSettings.Read);

    [Fact]
    public void Section_Full_IsBound()
    {
        var options = Load(
            """
            outgoing:
              smarthost: {host: smtp.example.net, tls: implicit, user: me, password_file: /run/secret}
              sign: false
              allow_networks: [10.0.0.0/8]
              ipv6: false
              lifetime: 2d
              max_per_domain: 2
              max_recipients_per_hour: 50
              send_to: {agent: ["*@example.org"]}
            """,
            out _)!;
        Assert.Equal(new SmarthostOptions("smtp.example.net", 465, SmarthostTls.Implicit, "me", "/run/secret"), options.Smarthost);
        Assert.Equal((false, false, TimeSpan.FromDays(2), 2, 50), (options.Sign, options.UseIPv6, options.Lifetime, options.MostPerDomain, options.MostRecipientsPerHour));
        Assert.Equal("10.0.0.0/8", Assert.Single(options.AllowedNetworks).ToString());
        Assert.Equal(["*@example.org"], options.AllowedRecipients["agent"]);
    }

    [Fact]
    public void NoSection_GoesByMxAndSigns()
    {
        var options = Load("", out _)!;
        Assert.Null(options.Smarthost);
        Assert.True(options.Sign);
        Assert.Empty(options.AllowedNetworks);
    }

    [Theory]
    [InlineData("outgoing: {smarthost: {port: 25}}", "outgoing.smarthost.host")]
    [InlineData("outgoing: {smarthost: {host: a.test, user: me}}", "outgoing.smarthost.password_file")]
    [InlineData("outgoing: {smarthost: {host: a.test, password_file: /x}}", "outgoing.smarthost.user")]
    [InlineData("outgoing: {smarthost: {host: a.test, tls: none, user: me, password_file: /x}}", "outgoing.smarthost.tls")]
    [InlineData("outgoing: {smarthost: {host: a.test, tls: maybe}}", "outgoing.smarthost.tls")]
    [InlineData("outgoing: {allow_networks: [10]}", "outgoing.allow_networks[0]")]
    [InlineData("outgoing: {send_to: {agent: [nobody]}}", "outgoing.send_to.agent[0]")]
    [InlineData("outgoing: {lifetime: 1s}", "outgoing.lifetime")]
    public void Section_WithAMistake_SaysWhere(string yaml, string expected)
    {
        Assert.Null(Load(yaml, out var errors));
        Assert.Contains(expected, errors, StringComparison.Ordinal);
    }

    private static OutgoingOptions? Load(string yaml, out string errors)
    {
        var found = new SettingsErrors();
        var loader = new SettingsLoader(new Registry<SettingsSection>("section", Section));
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["belljar.yaml"], yaml);
        var options = loader.Load(folder["belljar.yaml"], new Dictionary<string, string>(), [], found)?.Get(Section);
        errors = found.ToString()!;
        return options;
    }
}
