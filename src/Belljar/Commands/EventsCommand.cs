using System.CommandLine;
using System.Text.Json;
using Belljar.Bus;
using Belljar.Bus.UnixSocket;
using Belljar.Contracts;
using Belljar.Contracts.Events;
using Belljar.Hosting;
using Belljar.Store;
using Belljar.Store.Events;
using Belljar.Terminals;
using Microsoft.Extensions.Logging.Abstractions;

namespace Belljar.Commands;

/// <summary>The record of everything, from the store itself: it needs nobody running.</summary>
internal static class EventsCommand
{
    /// <summary>Following works without the bus too; it is then this slow.</summary>
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromSeconds(1);

    public static Command Create()
    {
        var filter = new EventFilter();
        var follow = new Option<bool>("--follow", "-f") { Description = "go on with what happens from now on" };
        var limit = new Option<int>("--limit", "-n") { Description = "how many of the newest", DefaultValueFactory = _ => 100 };
        var json = new Option<bool>("--json") { Description = "one JSON object per line" };
        var command = CommandTree.Create("events", "Print what happened, oldest first.", "belljar events -f --kind 'gate.>'", [.. filter.Options, follow, limit, json]);
        command.SetAction(async (parsed, ct) =>
        {
            var paths = CommandTree.Paths();
            using var reader = Open(paths);
            var query = filter.Query(parsed, TimeProvider.System) with { Limit = Math.Clamp(parsed.GetValue(limit), 1, EventQuery.LargestPage) };
            Action<StoredEvent> write = parsed.GetValue(json) ? WriteJson : WriteLine;
            var last = reader.LastSeq();
            foreach (var stored in reader.List(query, ct).Reverse())
            {
                write(stored);
            }

            if (parsed.GetValue(follow))
            {
                await FollowAsync(paths, reader, query with { NewestFirst = false, AfterSeq = last, Limit = EventQuery.LargestPage }, write, ct);
            }

            return 0;
        });
        return command;
    }

    public static EventReader Open(BelljarPaths paths)
    {
        try
        {
            return EventReader.Open(paths.EventsDatabase);
        }
        catch (StoreException unusable)
        {
            throw new OperatorException(unusable.Message);
        }
    }

    private static async Task FollowAsync(BelljarPaths paths, EventReader reader, EventQuery query, Action<StoredEvent> write, CancellationToken ct)
    {
        await using var bus = new UnixBus(new UnixBusOptions(paths.BusSocket, "events"), TimeProvider.System, NullLogger<UnixBus>.Instance);
        using var doorbell = new SemaphoreSlim(0, 1);
        var listening = ListenAsync(bus, doorbell, ct);
        while (!ct.IsCancellationRequested)
        {
            foreach (var stored in reader.List(query, ct))
            {
                write(stored);
                query = query with { AfterSeq = stored.Seq };
            }

            await ((Task)doorbell.WaitAsync(LookAgainAfter, ct)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await listening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        ct.ThrowIfCancellationRequested();
    }

    private static async Task ListenAsync(UnixBus bus, SemaphoreSlim doorbell, CancellationToken ct)
    {
        await using var all = await bus.SubscribeAsync(">", ct);
        await foreach (var _ in all.Messages.ReadAllAsync(ct))
        {
            if (doorbell.CurrentCount == 0)
            {
                doorbell.Release();
            }
        }
    }

    private static void WriteJson(StoredEvent stored) =>
        Terminal.Out.WriteLine(JsonText.Of(stored.Event, ContractsJson.Default.BelljarEvent));

    private static void WriteLine(StoredEvent stored)
    {
        var e = stored.Event;
        var about = string.Join(' ', new[] { e.Session, e.Decoy, e.Mailbox, e.Attacker }.OfType<string>());
        var kind = e.Severity switch
        {
            Severity.Alert => Terminal.Red(e.Kind),
            Severity.Warning => Terminal.Yellow(e.Kind),
            _ => Terminal.Bold(e.Kind),
        };
        Terminal.Out.WriteLine($"{Terminal.Dim($"{e.Time.ToLocalTime():HH:mm:ss.fff}")} {kind} {Terminal.Safe(about)} {Terminal.Safe(e.Data.GetRawText())}");
    }
}
