using System.CommandLine;
using Belljar.Terminals;

namespace Belljar.Commands.Mail;

internal static class MailReindex
{
    public static Command Create()
    {
        var json = CommandTree.Json();
        var command = CommandTree.Create("reindex", "Make the search index anew from the messages' files.", "belljar mail reindex", json);
        command.SetAction((parsed, ct) =>
        {
            using var index = MailHome.Index();
            using var progress = new ProgressLine("indexed");
            var messages = index.Rebuild(progress.Report, ct);
            progress.End();
            Terminal.Out.WriteLine(
                parsed.GetValue(json) ? JsonText.Of(new TransferResult(messages), CommandJson.Default.TransferResult) : $"indexed {messages} messages");
            return Task.FromResult(0);
        });
        return command;
    }
}
