using System.CommandLine;
using Belljar.Terminals;

namespace Belljar.Commands.Mail;

internal static class MailReindex
{
    public static Command Create()
    {
        var command = CommandTree.Create("reindex", "Make the search index anew from the messages' files.", "belljar mail reindex");
        command.SetAction((_, ct) =>
        {
            using var index = MailHome.Index();
            using var progress = new ProgressLine("indexed");
            var messages = index.Rebuild(progress.Report, ct);
            progress.End();
            Terminal.Out.WriteLine($"indexed {messages} messages");
            return Task.FromResult(0);
        });
        return command;
    }
}
