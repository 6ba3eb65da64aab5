using System.CommandLine;
using System.Runtime.InteropServices;
using Belljar.Bottles.Sessions;
using Belljar.Contracts;
using Belljar.Home;
using Belljar.Hosting;
using Belljar.Sessions;
using Belljar.Terminals;
using Microsoft.Extensions.Logging;

namespace Belljar.Commands;

/// <summary>The supervisor of one session. Started by <c>bottle run</c>, not by people.</summary>
internal static partial class SessionCommand
{
    public static Command Create()
    {
        var slug = new Argument<string>("slug");
        var command = CommandTree.Create("session", "Supervise one session (internal).", "belljar bottle run dev -- true", slug);
        command.Hidden = true;
        command.SetAction(async (parsed, ct) =>
        {
            var plan = SessionProcess.ReadPlan();
            var paths = CommandTree.Paths();
            HomeLayout.Prepare(paths);
            ServiceIdentity.PrepareHome(paths);
            using var gates = new GateLauncher(paths);
            using var loggers = BelljarProcess.Loggers(paths, "sessions");
            await using var events = BelljarProcess.Sink(paths, $"session-{plan.Slug}", loggers);
            var session = new BottleSession(
                plan,
                new SessionFolder(paths.Sessions, new SessionSlug(plan.Slug)),
                new SessionServices(
                    SandboxSource.Open(paths),
                    gates.For,
                    events,
                    TimeProvider.System,
                    loggers.CreateLogger<BottleSession>(),
                    Hosting.ProcessEnvironment.Get("TERM")));
            using var again = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
            {
                signal.Cancel = true;
                _ = ReplaceGateAsync(session, plan, paths, loggers.CreateLogger("session"), ct);
            });
            var outcome = await session.RunAsync(ct);
            if (outcome.Problem is { } problem)
            {
                Terminal.Error.WriteLine($"belljar: {plan.Command[0]}: {Terminal.Safe(problem)}");
            }

            foreach (var left in outcome.Left)
            {
                Terminal.Error.WriteLine($"belljar: {left}");
            }

            return outcome.ExitCode;
        });
        return command;
    }

    /// <summary>SIGHUP: the bottle's file is read again, and its routes are in force at once. A file with mistakes changes nothing.</summary>
    private static async Task ReplaceGateAsync(BottleSession session, SessionPlan plan, BelljarPaths paths, ILogger logger, CancellationToken ct)
    {
        try
        {
            await session.ReplaceGateAsync(await SessionPlanner.ReplanGateAsync(plan, paths, ct), ct);
        }
        catch (Exception problem) when (problem is OperatorException or UnknownNameException or OperationCanceledException or ObjectDisposedException)
        {
            LogNotReplaced(logger, plan.Slug, problem.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "the routes of {Session} stay as they were: {Problem}")]
    private static partial void LogNotReplaced(ILogger logger, string session, string problem);
}
