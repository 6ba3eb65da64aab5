using System.CommandLine;
using System.Text.Json;
using Belljar.Control;
using Belljar.Terminals;

namespace Belljar.Commands;

internal static class WorkersCommand
{
    public static Command Create()
    {
        var json = CommandTree.Json();
        var command = CommandTree.Create("workers", "List the workers, or start, stop and restart one.", "belljar workers restart mail", json);
        foreach (var (action, summary) in new[] { ("start", "Start a worker."), ("stop", "Stop a worker."), ("restart", "Stop a worker and start it again.") })
        {
            command.Add(Action(action, summary));
        }

        command.SetAction(async (parsed, ct) =>
        {
            using var control = new ControlClient(CommandTree.Paths());
            var workers = await control.WorkersAsync(ct);
            if (parsed.GetValue(json))
            {
                Terminal.Out.WriteLine(JsonText.Of(workers, ControlJson.Default.IReadOnlyListWorkerRow));
                return;
            }

            var table = new Table("WORKER", "STATE", "UPTIME", "RESTARTS", "NEEDS", "WHAT FOR");
            foreach (var worker in workers)
            {
                table.Add(
                    worker.Name,
                    worker.State.ToString().ToLowerInvariant(),
                    TimeSpan.FromSeconds((long)worker.UptimeSeconds).ToString(),
                    worker.Restarts.ToString(),
                    worker.Needs.Count == 0 ? "-" : string.Join(' ', worker.Needs),
                    worker.Summary);
            }

            table.Write(Terminal.Out);
        });
        return command;
    }

    private static Command Action(string action, string summary)
    {
        var name = new Argument<string>("worker") { Description = "the worker's name" };
        name.CompletionSources.Add(_ => WorkerCatalog.All.Names.Select(known => new System.CommandLine.Completions.CompletionItem(known)));
        var json = CommandTree.Json();
        var command = CommandTree.Create(action, summary, $"belljar workers {action} mail", name, json);
        command.SetAction(async (parsed, ct) =>
        {
            var worker = WorkerCatalog.All[parsed.GetRequiredValue(name)].Name;
            using var control = new ControlClient(CommandTree.Paths());
            var result = await control.WorkerAsync(worker, action, ct);
            Terminal.Out.WriteLine(parsed.GetValue(json)
                ? JsonText.Of(result, ControlJson.Default.WorkerActionResult)
                : $"{result.Worker}: {result.State.ToString().ToLowerInvariant()}{(result.Reason is null ? "" : $" ({result.Reason})")}");
            return 0;
        });
        return command;
    }
}
