using System.CommandLine;
using Belljar.Commands.Mail;
using Belljar.Mail.LocalSocket;
using Belljar.Mail.Reading;
using Belljar.Mcp;
using Belljar.Terminals;

namespace Belljar.Commands;

/// <summary>The tools for agents on this machine, over standard input and output.</summary>
internal static class McpCommand
{
    public static Command Create()
    {
        var command = CommandTree.Create("mcp", "Give an agent on this machine its mail as tools (Model Context Protocol, on standard input and output).", "belljar mcp");
        command.SetAction(async (_, ct) =>
        {
            var paths = CommandTree.Paths();
            var home = new Belljar.Mcp.Mail.MailHome(index => new MailReader(paths.MailData, MailHome.Options, index), MailHome.Index, new MailSocketClient(paths.MailSocket));
            await McpStdio.RunAsync(Terminal.OpenInput(), Terminal.OpenOutput(), home, BelljarVersion.Text, ct);
        });
        return command;
    }
}
