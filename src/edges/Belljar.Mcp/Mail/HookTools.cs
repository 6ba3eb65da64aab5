using System.Text;
using System.Text.Json.Nodes;
using Belljar.Mcp.Tools;
using Belljar.Protocols.Aimx;

namespace Belljar.Mcp.Mail;

/// <summary>The tools for hooks: what happens by itself when mail arrives or has been sent.</summary>
internal sealed class HookTools(MailHome home)
{
    private static readonly ToolParameter Mailbox = new("mailbox", ToolType.Text, "the mailbox's name, as mailbox_list gives it", Required: true, Most: 64);

    public IEnumerable<McpTool> All() =>
    [
        new(
            "hook_list",
            "What happens by itself when mail arrives or has been sent: the hooks of a mailbox.",
            ToolEffect.Reads,
            [Mailbox],
            async (arguments, ct) => ToolResult.ListOf("hooks", await home.Daemon.AskAsync(AimxVerb.HookList, [(AimxField.Mailbox, arguments.Text("mailbox"))], default, ct))),
        new(
            "hook_create",
            "Has a program run, or an address told, whenever mail arrives or has been sent. The message is on its standard input, or in the request.",
            ToolEffect.ReachesOut,
            [
                Mailbox,
                new("name", ToolType.Text, "lower-case letters, digits, '.', '_' and '-'; one is found when it is left out", Most: 64),
                new("event", ToolType.Text, "when: on_receive (when left out) or after_send", Allowed: ["on_receive", "after_send"]),
                new("run", ToolType.Texts, "a program by its absolute path, then its arguments; no shell reads them", Most: 100),
                new("post", ToolType.Text, "instead of run: the http or https address that is told", Most: 2000),
                new("secret_file", ToolType.Text, "with post: the absolute path of the file whose content signs what is told", Most: 1000),
                new("timeout", ToolType.Number, "seconds that the program may take; 60 when left out", Least: 1, Most: 600),
                new("fire_on_untrusted", ToolType.Flag, "also for mail that is not known to be from whom it says"),
            ],
            CreateAsync),
        new(
            "hook_delete",
            "Deletes a hook of a mailbox.",
            ToolEffect.Destroys,
            [Mailbox, new("name", ToolType.Text, "the hook's name, as hook_list gives it", Required: true, Most: 64)],
            async (arguments, ct) => ToolResult.Of(await home.Daemon.DeleteHookAsync(arguments.Text("mailbox"), arguments.Text("name"), ct))),
    ];

    private async ValueTask<ToolResult> CreateAsync(ToolArguments arguments, CancellationToken ct)
    {
        var answer = await home.Daemon.CreateHookAsync(
            arguments.Text("mailbox"), arguments.OptionalText("event") ?? "on_receive", arguments.OptionalText("name"), Encoding.UTF8.GetBytes(Body(arguments).ToJsonString()), ct);
        return ToolResult.Of(answer);
    }

    /// <summary>The daemon checks what the keys say.</summary>
    private static JsonObject Body(ToolArguments arguments)
    {
        var body = new JsonObject();
        if (arguments.Texts("run") is { Count: > 0 } command)
        {
            body["run"] = new JsonArray([.. command.Select(word => JsonValue.Create(word))]);
        }

        foreach (var key in new[] { "post", "secret_file" })
        {
            if (arguments.OptionalText(key) is { } text)
            {
                body[key] = text;
            }
        }

        if (arguments.OptionalNumber("timeout") is { } seconds)
        {
            body["timeout"] = seconds;
        }

        if (arguments.Flag("fire_on_untrusted") is { } untrusted)
        {
            body["fire_on_untrusted"] = untrusted;
        }

        return body;
    }
}
