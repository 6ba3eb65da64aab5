using Belljar.Mcp.Tools;
using Belljar.Protocols.Aimx;

namespace Belljar.Mcp.Mail;

/// <summary>The tools that list, make and delete mailboxes. Who may is the daemon's to say.</summary>
internal sealed class MailboxTools(MailHome home)
{
    private static readonly ToolParameter Name = new("name", ToolType.Text, "lower-case letters, digits, '.', '_' and '-'; what stands before the @", Required: true, Most: 64);

    public IEnumerable<McpTool> All() =>
    [
        new(
            "mailbox_list",
            "The mailboxes that you may use: name, address, how many messages and how many unread.",
            ToolEffect.Reads,
            [],
            async (_, ct) => ToolResult.ListOf("mailboxes", await home.Daemon.AskAsync(AimxVerb.MailboxList, [], default, ct))),
        new(
            "mailbox_create",
            "Makes a mailbox; mail to its address arrives from then on.",
            ToolEffect.Changes,
            [Name, new("owner", ToolType.Text, "the user of this machine to whom it belongs; you, when left out", Most: 64)],
            async (arguments, ct) => ToolResult.Of(await home.Daemon.CreateMailboxAsync(arguments.Text("name"), arguments.OptionalText("owner"), ct))),
        new(
            "mailbox_delete",
            "Deletes a mailbox of yours; nothing arrives at its address from then on.",
            ToolEffect.Destroys,
            [Name, new("force", ToolType.Flag, "also when messages are in it, which are deleted for good")],
            async (arguments, ct) => ToolResult.Of(await home.Daemon.DeleteMailboxAsync(arguments.Text("name"), arguments.Flag("force") is true, ct))),
    ];
}
