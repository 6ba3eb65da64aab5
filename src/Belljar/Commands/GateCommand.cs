using System.CommandLine;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Text.Json;
using Belljar.Bottles.Sessions;
using Belljar.Contracts;
using Belljar.Contracts.Wire;
using Belljar.Egress;
using Belljar.Hosting;
using Belljar.Hosting.Logging;
using Belljar.Store.Spool;
using Belljar.Terminals;
using Microsoft.Extensions.Logging;

namespace Belljar.Commands;

/// <summary>
/// A session's gate: serves the listener that it inherits, by the configuration that it reads, until its input ends,
/// which is when its supervisor is gone. Started by <c>session</c>, not by people.
/// </summary>
internal static class GateCommand
{
    public static Command Create()
    {
        var command = CommandTree.Create("gate", "Serve one session's egress (internal).", "belljar bottle run dev -- true");
        command.Hidden = true;
        command.SetAction((_, ct) => RunAsync(ct));
        return command;
    }

    private static async Task<int> RunAsync(CancellationToken ct)
    {
        var input = PipeReader.Create(Terminal.OpenInput());
        if (await ReadConfigurationAsync(input, ct) is not { } configuration)
        {
            throw new OperatorException("a gate is started by its session's supervisor, which tells it what to do.", OperatorException.WrongUsage);
        }

        using var loggers = LoggerFactory.Create(logging => logging
            .SetMinimumLevel(LogLevel.Information)
            .AddProvider(new LineLoggerProvider(new ErrorStream(), TimeProvider.System, LogLevel.Information)));
        await using var events = new SpoolingEventSink(
            new SpoolingSinkOptions { SocketPath = configuration.IngestSocket, SpoolRoot = configuration.SpoolFolder, Producer = $"gate-{configuration.Session}" },
            TimeProvider.System,
            loggers.CreateLogger<SpoolingEventSink>());
        using var listener = new Socket(new SafeSocketHandle(GateProtocol.ListenerDescriptor, ownsHandle: true));
        using var gate = new EgressGate(
            listener,
            new SessionSlug(configuration.Session),
            configuration.Egress,
            configuration.Secrets,
            EgressServices.ForThisMachine(events, TimeProvider.System, loggers.CreateLogger<EgressGate>()));
        foreach (var (index, port) in configuration.Doors.Index())
        {
            gate.Open(port, new Socket(new SafeSocketHandle(GateProtocol.FirstDoorDescriptor + index, ownsHandle: true)));
        }

        using var end = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var serving = gate.RunAsync(end.Token);
        Terminal.Out.WriteLine(GateProtocol.ReadyLine);

        // A later configuration replaces the routes; the end of the input is the end of the session.
        while (await ReadConfigurationAsync(input, ct) is { } replacement)
        {
            gate.Replace(replacement.Egress, replacement.Secrets);
        }

        await end.CancelAsync();
        await serving;
        return 0;
    }

    /// <returns>Null at the end of the input, or when it is no frame.</returns>
    private static async Task<GateConfiguration?> ReadConfigurationAsync(PipeReader input, CancellationToken ct)
    {
        while (true)
        {
            ReadResult read;
            try
            {
                read = await input.ReadAsync(ct);
            }
            catch (OperationCanceledException)
            {
                // SIGTERM ends a gate as well as the end of its input does.
                return null;
            }

            var bytes = read.Buffer;
            switch (Frame.Read(ref bytes, out var frame))
            {
                case FrameStatus.Complete when frame.Verb == GateProtocol.ConfigurationVerb:
                    var reader = new Utf8JsonReader(frame.Body);
                    var configuration = JsonSerializer.Deserialize(ref reader, EgressJson.Default.GateConfiguration);
                    input.AdvanceTo(bytes.Start);
                    return configuration;
                case FrameStatus.Incomplete when !read.IsCompleted:
                    input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                    break;
                default:
                    return null;
            }
        }
    }

    private sealed class ErrorStream : ILineSink
    {
        public void Write(string line) => Terminal.Error.Write(line);

        public void Dispose()
        {
        }
    }
}
