using Belljar.Mail.LocalSocket;
using ModelContextProtocol.Client;

namespace Belljar.Mcp.Tests;

/// <summary>What the tools that make and delete ask of the daemon, to the byte; what it answers is its own tests' affair.</summary>
public sealed class FrameTests
{
    public static TheoryData<string, (string, object?)[], string> Calls() => new()
    {
        { "mailbox_create", [("name", "team")], "AIMX/1 MAILBOX-CREATE\nName: team\n\n" },
        { "mailbox_create", [("name", "team"), ("owner", "alice")], "AIMX/1 MAILBOX-CREATE\nName: team\nOwner: alice\n\n" },
        { "mailbox_delete", [("name", "team")], "AIMX/1 MAILBOX-DELETE\nName: team\nForce: false\n\n" },
        { "mailbox_delete", [("name", "team"), ("force", true)], "AIMX/1 MAILBOX-DELETE\nName: team\nForce: true\n\n" },
        {
            "hook_create", [("mailbox", "agent"), ("name", "wake"), ("run", new[] { "/usr/bin/wake", "--now" }), ("timeout", 5), ("fire_on_untrusted", true)],
            "AIMX/1 HOOK-CREATE\nContent-Length: 70\nMailbox: agent\nEvent: on_receive\nName: wake\n\n{\"run\":[\"/usr/bin/wake\",\"--now\"],\"timeout\":5,\"fire_on_untrusted\":true}"
        },
        {
            "hook_create", [("mailbox", "agent"), ("event", "after_send"), ("post", "https://a.example/"), ("secret_file", "/etc/s")],
            "AIMX/1 HOOK-CREATE\nContent-Length: 52\nMailbox: agent\nEvent: after_send\n\n{\"post\":\"https://a.example/\",\"secret_file\":\"/etc/s\"}"
        },
        { "hook_delete", [("mailbox", "agent"), ("name", "wake")], "AIMX/1 HOOK-DELETE\nMailbox: agent\nName: wake\n\n" },
    };

    [Theory]
    [MemberData(nameof(Calls), DisableDiscoveryEnumeration = true)]
    public async Task Tool_AsksTheDaemon(string tool, (string, object?)[] arguments, string frame)
    {
        await using var daemon = new RecordingDaemon("AIMX/1 OK\n");
        await using var mail = new McpMail();
        await using var client = await mail.ConnectAsync(new MailSocketClient(daemon.Path));

        var (text, result) = await McpMail.CallAsync(client, tool, arguments);

        Assert.Equal(frame, await daemon.AskedAsync());
        Assert.Equal("done", text);
        Assert.False(result.IsError);
    }

    [Fact]
    public async Task Refusal_IsTheDaemonsWord()
    {
        await using var daemon = new RecordingDaemon("AIMX/1 ERR NONEMPTY 3 messages remain\nCode: NONEMPTY\n\n");
        await using var mail = new McpMail();
        await using var client = await mail.ConnectAsync(new MailSocketClient(daemon.Path));

        var (text, result) = await McpMail.CallAsync(client, "mailbox_delete", ("name", "team"));

        Assert.Equal("[NONEMPTY] 3 messages remain", text);
        Assert.True(result.IsError);
    }

    [Fact]
    public async Task Name_WithALineBreak_NeverReachesTheDaemon()
    {
        await using var mail = new McpMail();
        await using var client = await mail.ConnectAsync();

        var (text, _) = await McpMail.CallAsync(client, "mailbox_create", ("name", "a\nOwner: root"));

        Assert.Equal("[VALIDATION] 'name' must be one line", text);
    }
}
