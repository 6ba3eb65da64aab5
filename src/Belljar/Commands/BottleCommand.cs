using System.CommandLine;
using System.Text.Json;
using Belljar.Bottles.Manifests;
using Belljar.Bottles.Sessions;
using Belljar.Contracts;
using Belljar.Contracts.Events;
using Belljar.Egress.Policy;
using Belljar.Hosting;
using Belljar.Manifest;
using Belljar.Sandboxes.Processes;
using Belljar.Sessions;
using Belljar.Store.Events;
using Belljar.Terminals;

namespace Belljar.Commands;

/// <summary>Runs commands in bottles.</summary>
internal static class BottleCommand
{
    public static Command Create() => CommandTree.Create(
        "bottle", "Run commands in sandboxes without a network, behind a gate.", "belljar bottle run dev -- curl -sS http://example.com/", Run(), List(), Check(), Learn(), Reload(), Cleanup());

    private static Command Run()
    {
        var bottle = Bottle();
        var rootfs = new Option<string>("--rootfs") { Description = "where its files come from: host (this machine's /usr, read-only), an image's name, or a folder (with a slash)", DefaultValueFactory = _ => "host" };
        var words = new Argument<string[]>("command") { Description = "what to run inside, after --", Arity = ArgumentArity.OneOrMore };
        var command = CommandTree.Create(
            "run",
            "Run one command in a new session and return its exit code.",
            "belljar bottle run dev -- sh -c 'ip addr; curl -sS http://example.com/'",
            bottle,
            rootfs,
            words);
        command.SetAction((parsed, ct) => RunAsync(
            parsed.GetRequiredValue(bottle), parsed.GetRequiredValue(rootfs), parsed.GetRequiredValue(words), CommandTree.Paths(), ct));
        return command;
    }

    private static async Task<int> RunAsync(string bottle, string rootfs, string[] words, BelljarPaths paths, CancellationToken ct)
    {
        SandboxSource.CheckUser();
        var plan = await SessionPlanner.PlanAsync(bottle, RootfsOf(rootfs, paths), words, paths, ct);
        await using var supervisor = await SessionProcess.StartAsync(plan, paths, ct);
        await using var stop = ct.Register(() => supervisor.Send(Signal.Terminate));
        return await supervisor.Exited;
    }

    private static Command List()
    {
        var json = CommandTree.Json();
        var active = new Option<bool>("--active") { Description = "only those that run" };
        var command = CommandTree.Create("list", "List sessions.", "belljar bottle list --active", active, json);
        command.SetAction(parsed =>
        {
            var sessions = SessionFolder.All(CommandTree.Paths().Sessions).Where(session => session.IsActive || !parsed.GetValue(active));
            if (parsed.GetValue(json))
            {
                var rows = sessions.Select(session => new SessionRow(
                    session.Record.Slug, session.Record.Bottle, session.Record.Program, session.IsActive ? "active" : "ended", session.Record.StartedAt, session.Record.ExitCode));
                Terminal.Out.WriteLine(JsonText.Of([.. rows], CommandJson.Default.SessionRowArray));
                return;
            }

            var table = new Table("SESSION", "BOTTLE", "STATE", "STARTED", "EXIT", "COMMAND");
            foreach (var (record, isActive) in sessions)
            {
                table.Add(record.Slug, record.Bottle, isActive ? "active" : "ended", $"{record.StartedAt.ToLocalTime():yyyy-MM-dd HH:mm:ss}", $"{record.ExitCode}", record.Program);
            }

            table.Write(Terminal.Out);
        });
        return command;
    }

    private static Command Check()
    {
        var bottle = Bottle();
        var command = CommandTree.Create("check", "Report every mistake of a bottle's file, or what it lets out.", "belljar bottle check dev", bottle);
        command.SetAction(parsed =>
        {
            var name = parsed.GetRequiredValue(bottle);
            var (_, egress) = SessionPlanner.Load(name, CommandTree.Paths());
            Terminal.Out.WriteLine($"{name}: no mistakes");
            foreach (var line in EgressSummary.Of(egress))
            {
                Terminal.Out.WriteLine($"  {line}");
            }
        });
        return command;
    }

    private static Command Learn()
    {
        var slug = new Argument<string>("session") { Description = "the session's name, from bottle list; it may have ended" };
        var command = CommandTree.Create("learn", "Propose the routes that a session would have needed (mode: learn).", "belljar bottle learn dev-abcde", slug);
        command.SetAction((parsed, ct) =>
        {
            var name = parsed.GetRequiredValue(slug);
            using var reader = EventsCommand.Open(CommandTree.Paths());
            var decisions = new List<EgressDecision>();
            var query = new EventQuery { Session = name, KindPattern = EventKinds.EgressDecision.Name, NewestFirst = false, Limit = EventQuery.LargestPage };
            for (var page = reader.List(query, ct); page.Count > 0; page = reader.List(query, ct))
            {
                decisions.AddRange(page.Select(stored => EventKinds.EgressDecision.Read(stored.Event)));
                query = query with { AfterSeq = page[^1].Seq };
            }

            Terminal.Out.Write(RouteProposal.ToYaml(RouteProposal.From(decisions)));
            return Task.FromResult(0);
        });
        return command;
    }

    private static Command Reload()
    {
        var slug = new Argument<string>("session") { Description = "the session's name, from bottle list" };
        slug.CompletionSources.Add(_ => SessionFolder.All(CommandTree.Paths().Sessions).Where(session => session.IsActive).Select(session => new System.CommandLine.Completions.CompletionItem(session.Record.Slug)));
        var command = CommandTree.Create("reload", "Put the routes of a bottle's file into force in a running session.", "belljar bottle reload dev-abcde", slug);
        command.SetAction(parsed =>
        {
            var name = parsed.GetRequiredValue(slug);
            var active = SessionFolder.All(CommandTree.Paths().Sessions).Where(session => session.IsActive).Select(session => session.Record).ToList();
            var session = active.Find(record => record.Slug == name) ?? throw new UnknownNameException("running session", name, active.Select(record => record.Slug));

            // Mistakes are shown here, where the operator is; the supervisor reads the file for itself.
            SessionPlanner.Load(session.Bottle, CommandTree.Paths());
            if (!ProcessSignal.TrySend(session.SupervisorPid, Signal.Hangup))
            {
                throw new OperatorException($"the supervisor of {name} (process {session.SupervisorPid}) cannot be told; are you its user?");
            }

            Terminal.Out.WriteLine($"{name}: the routes of '{session.Bottle}' are put into force");
        });
        return command;
    }

    private static Command Cleanup()
    {
        var yes = new Option<bool>("--yes", "-y") { Description = "do not ask" };
        var command = CommandTree.Create("cleanup", "Remove what sessions whose supervisor was killed have left behind.", "belljar bottle cleanup -y", yes);
        command.SetAction((parsed, ct) => SessionCleanup.RunAsync(CommandTree.Paths(), parsed.GetValue(yes), ct));
        return command;
    }

    private static Argument<string> Bottle()
    {
        var bottle = new Argument<string>("bottle") { HelpName = "bottle", Description = "the bottle's name: a file of $BELLJAR_HOME/bottles" };
        bottle.CompletionSources.Add(_ => new BottleLibrary(CommandTree.Paths().Bottles).Names.Select(name => new System.CommandLine.Completions.CompletionItem(name)));
        return bottle;
    }

    private static string RootfsOf(string rootfs, BelljarPaths paths) =>
        rootfs == "host" ? rootfs : rootfs.Contains('/') ? Path.GetFullPath(rootfs) : SandboxSource.TreeOf(rootfs, paths);
}

/// <summary>One row of <c>bottle list --json</c>.</summary>
internal sealed record SessionRow(string Slug, string Bottle, string Program, string State, DateTimeOffset StartedAt, int? ExitCode);
