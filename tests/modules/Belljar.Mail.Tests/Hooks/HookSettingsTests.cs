using Belljar.Hosting.Settings;
using Belljar.Mail.Hooks;

namespace Belljar.Mail.Tests.Hooks;

public sealed class HookSettingsTests
{
    [Fact]
    public void Hooks_AreBound()
    {
        var (options, errors) = MailSettingsTests.ReadWithErrors(
            """
            mail:
              smtp:
                tls: {certificate: /etc/ssl/mx.pem, key: /etc/ssl/mx.key}
                rate_per_peer: 10
                greeting_delay: 2s
              mailboxes:
                agent:
                  hooks:
                    wake: {run: [/usr/local/bin/wake, --now], timeout: 2m, event: after_send}
                    web: {post: "https://example.org/x", secret_file: /etc/belljar/web.secret, fire_on_untrusted: true}
            """);
        Assert.Empty(errors);
        var hooks = options.Mailboxes[0].Hooks;
        Assert.Equal(["wake", "web"], hooks.Select(hook => hook.Name));
        Assert.Equal(["/usr/local/bin/wake", "--now"], Assert.IsType<HookAction.Run>(hooks[0].Action).Command);
        Assert.Equal((HookEvent.AfterSend, HookEvent.OnReceive), (hooks[0].Event, hooks[1].Event));
        Assert.Equal((TimeSpan.FromMinutes(2), false), (hooks[0].Timeout, hooks[0].FireOnUntrusted));
        Assert.Equal(new HookAction.Post(new Uri("https://example.org/x"), "/etc/belljar/web.secret"), hooks[1].Action);
        Assert.True(hooks[1].FireOnUntrusted);
        Assert.Equal("/etc/ssl/mx.key", options.Smtp.Tls!.Key);
        Assert.Equal((10, 2.0), (options.Smtp.MostFromOnePeerPerMinute, options.Smtp.GreetingDelay.TotalSeconds));
    }

    [Theory]
    [InlineData("{run: [wake]}")]
    [InlineData("{run: []}")]
    [InlineData("{}")]
    [InlineData("{run: [/bin/true], post: \"https://example.org\", secret_file: /x}")]
    [InlineData("{post: \"https://example.org\"}")]
    [InlineData("{post: \"file:///etc/passwd\", secret_file: /x}")]
    [InlineData("{run: [/bin/true], timeout: 11m}")]
    [InlineData("{run: [/bin/true], on: sent}")]
    public void Hook_ThatCannotWork_IsAMistake(string hook) =>
        Assert.NotEmpty(MailSettingsTests.ReadWithErrors($"mail:\n  mailboxes:\n    agent:\n      hooks:\n        h: {hook}\n").Errors);
}
