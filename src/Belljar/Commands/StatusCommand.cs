using System.CommandLine;
using System.Text.Json;
using Belljar.Contracts;
using Belljar.Control;
using Belljar.Hosting;
using Belljar.Terminals;
using Belljar.Web;
using Belljar.Web.Access;

namespace Belljar.Commands;

internal static class StatusCommand
{
    public static Command Create()
    {
        var json = CommandTree.Json();
        var command = CommandTree.Create("status", "How the running Belljar is: workers, states, addresses.", "belljar status --json", json);
        command.SetAction(async (parsed, ct) =>
        {
            var paths = CommandTree.Paths();
            using var control = new ControlClient(paths);
            var status = await control.StatusAsync(ct);
            if (parsed.GetValue(json))
            {
                Terminal.Out.WriteLine(JsonText.Of(status, ControlJson.Default.SystemStatus));
                return 0;
            }

            Terminal.Out.WriteLine($"belljar {status.Version} in {status.Home}, process {status.Pid}, since {status.Since.ToLocalTime():yyyy-MM-dd HH:mm:ss}");
            WriteWorkers(Terminal.Out, status.Workers);
            if (ConsoleUrl(status.Workers, paths) is { } url)
            {
                Terminal.Out.WriteLine($"console: {url}");
            }

            return 0;
        });
        return command;
    }

    /// <summary>The console's address with its token, for whoever may read that; null when the console does not listen.</summary>
    public static string? ConsoleUrl(IEnumerable<WorkerHealth> workers, BelljarPaths paths)
    {
        var listener = workers.SelectMany(worker => worker.Listeners).FirstOrDefault(one => one.Protocol == WebWorker.Protocol);
        return listener is null ? null : ConsoleToken.LoadOrCreate(paths).Url(listener.Address);
    }

    /// <summary>The table that <c>up</c> and <c>status</c> print: worker, state, address.</summary>
    public static void WriteWorkers(TextWriter output, IEnumerable<WorkerHealth> workers)
    {
        var table = new Table("WORKER", "STATE", "ADDRESS");
        foreach (var worker in workers)
        {
            var addresses = worker.Listeners.Select(listener => $"{listener.Protocol} {listener.Address}");
            var about = worker.Reason is null ? string.Join(", ", addresses) : string.Join(", ", [worker.Reason, .. addresses]);
            table.Add(worker.Name, worker.State.ToString().ToLowerInvariant(), about);
        }

        table.Write(output);
    }
}
