using System.CommandLine;
using System.Text.Json;
using Belljar.Contracts;
using Belljar.Control;
using Belljar.Terminals;

namespace Belljar.Commands;

internal static class StatusCommand
{
    public static Command Create()
    {
        var json = CommandTree.Json();
        var command = CommandTree.Create("status", "How the running Belljar is: workers, states, addresses.", "belljar status --json", json);
        command.SetAction(async (parsed, ct) =>
        {
            using var control = new ControlClient(CommandTree.Paths());
            var status = await control.StatusAsync(ct);
            if (parsed.GetValue(json))
            {
                Terminal.Out.WriteLine(JsonText.Of(status, ControlJson.Default.SystemStatus));
                return 0;
            }

            Terminal.Out.WriteLine($"belljar {status.Version} in {status.Home}, process {status.Pid}, since {status.Since.ToLocalTime():yyyy-MM-dd HH:mm:ss}");
            WriteWorkers(Terminal.Out, status.Workers);
            return 0;
        });
        return command;
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
