using System.CommandLine;
using System.Text;
using System.Text.Json;
using Belljar.Bus;
using Belljar.Bus.UnixSocket;
using Belljar.Contracts;
using Belljar.Control;
using Belljar.Hosting;
using Belljar.Terminals;
using Microsoft.Extensions.Logging.Abstractions;

namespace Belljar.Commands;

internal static class BusCommand
{
    public static Command Create() => CommandTree.Create(
        "bus", "Publish to the bus, listen to it, count what passes.", "belljar bus sub 'mail.>'", Publish(), Subscribe(), Statistics());

    private static Command Publish()
    {
        var topic = new Argument<string>("topic") { Description = "dot-separated words" };
        var data = new Argument<string>("data") { Description = "a JSON object", DefaultValueFactory = _ => "{}" };
        var command = CommandTree.Create("pub", "Publish one message.", "belljar bus pub decoy.intranet.mutate_request '{}'", topic, data);
        command.SetAction(async (parsed, ct) =>
        {
            var name = parsed.GetRequiredValue(topic);
            if (!Topic.IsValid(name))
            {
                throw new OperatorException($"'{name}' is not a topic: words of A-Z a-z 0-9 _ : % - joined by dots.", OperatorException.WrongUsage);
            }

            await using var bus = await ConnectAsync(ct);
            var now = TimeProvider.System.GetUtcNow();
            bus.Publish(name, BusEnvelope.Write(Guid.CreateVersion7(now), name, now, "operator", Parse(parsed.GetRequiredValue(data)), CommandJson.Default.JsonElement));
        });
        return command;
    }

    private static Command Subscribe()
    {
        var pattern = new Argument<string>("pattern") { Description = "a topic; * stands for one word, a last > for one or more" };
        var command = CommandTree.Create("sub", "Print messages as they come, one JSON object per line.", "belljar bus sub '>'", pattern);
        command.SetAction(async (parsed, ct) =>
        {
            var wanted = parsed.GetRequiredValue(pattern);
            if (!Topic.IsValidPattern(wanted))
            {
                throw new OperatorException($"'{wanted}' is not a pattern. Examples: mail.agent.received, 'gate.*.egress.decision', 'decoy.>'.", OperatorException.WrongUsage);
            }

            await using var bus = await ConnectAsync(ct);
            await using var messages = await bus.SubscribeAsync(wanted, ct);
            await foreach (var message in messages.Messages.ReadAllAsync(ct))
            {
                Terminal.Out.WriteLine(Terminal.Safe(Encoding.UTF8.GetString(message.Envelope.Span)));
            }
        });
        return command;
    }

    private static Command Statistics()
    {
        var json = CommandTree.Json();
        var command = CommandTree.Create("stats", "What the broker has counted since it started.", "belljar bus stats", json);
        command.SetAction(async (parsed, ct) =>
        {
            using var control = new ControlClient(CommandTree.Paths());
            var now = await control.BusAsync(ct);
            if (parsed.GetValue(json))
            {
                Terminal.Out.WriteLine(JsonText.Of(now, ControlJson.Default.BusStatistics));
                return 0;
            }

            Terminal.Out.WriteLine($"published {now.Published}, delivered {now.Delivered}, dropped {now.Dropped}; {now.Connections} connections, {now.Subscriptions} subscriptions");
            var table = new Table("SUBSCRIBER", "DELIVERED", "DROPPED", "WAITING");
            foreach (var (name, counted) in now.Subscribers.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            {
                table.Add(name, $"{counted.Delivered}", $"{counted.Dropped}", $"{counted.Waiting}");
            }

            table.Write(Terminal.Out);
            return 0;
        });
        return command;
    }

    /// <summary>The bus itself waits for a broker; a command should say at once that there is none.</summary>
    private static async Task<UnixBus> ConnectAsync(CancellationToken ct)
    {
        var paths = CommandTree.Paths();
        using (var control = new ControlClient(paths))
        {
            await control.StatusAsync(ct);
        }

        return new UnixBus(new UnixBusOptions(paths.BusSocket, "cli"), TimeProvider.System, NullLogger<UnixBus>.Instance);
    }

    private static JsonElement Parse(string text)
    {
        try
        {
            var element = JsonDocument.Parse(text).RootElement;
            return element.ValueKind is JsonValueKind.Object
                ? element
                : throw new OperatorException("the data must be a JSON object, such as '{}'.", OperatorException.WrongUsage);
        }
        catch (JsonException)
        {
            throw new OperatorException("the data must be a JSON object, such as '{}'.", OperatorException.WrongUsage);
        }
    }
}
