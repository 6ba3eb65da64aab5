using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using Belljar.Bottles.Manifests;
using Belljar.Contracts;
using Belljar.Contracts.Events;
using Belljar.Egress;
using Belljar.Egress.Policy;
using Belljar.Home;
using Belljar.Hosting;
using Belljar.Hosting.Logging;
using Belljar.Manifest;
using Belljar.Sessions;
using Belljar.Terminals;
using Microsoft.Extensions.Logging;

namespace Belljar.Commands;

/// <summary>The egress gate by itself, without a session: for whoever has a sandbox of his own.</summary>
internal static class EgressCommand
{
    public static Command Create() => CommandTree.Create(
        "egress", "The egress gate by itself.", "belljar egress run --bottle dev.md --listen 127.0.0.1:8080 --ca-out ca.pem", Run(), Learn());

    private static Command Run()
    {
        var bottle = new Option<string>("--bottle") { Description = "the bottle's file", Required = true };
        var listen = new Option<string>("--listen") { Description = "address and port, such as 127.0.0.1:8080; port 0 takes a free one", Required = true };
        var authority = new Option<string>("--ca-out") { Description = "where to write the certificate that clients must trust", Required = true };
        var events = new Option<string>("--events") { Description = "a file that gets every decision as a line of JSON" };
        var command = CommandTree.Create(
            "run",
            "Serve a bottle's routes as a proxy until ended; prints 'ready' when it listens, and reads the file again on SIGHUP.",
            "belljar egress run --bottle dev.md --listen 127.0.0.1:8080 --ca-out ca.pem",
            bottle,
            listen,
            authority,
            events);
        command.SetAction((parsed, ct) => RunAsync(
            parsed.GetRequiredValue(bottle), parsed.GetRequiredValue(listen), parsed.GetRequiredValue(authority), parsed.GetValue(events), ct));
        return command;
    }

    private static Command Learn()
    {
        var events = new Argument<string>("events") { Description = "what run --events has written" };
        var command = CommandTree.Create("learn", "Propose the routes that a run would have needed (mode: learn).", "belljar egress learn decisions.jsonl", events);
        command.SetAction(parsed => Terminal.Out.Write(RouteProposal.ToYaml(RouteProposal.From(EventFile.Read(parsed.GetRequiredValue(events), EventKinds.EgressDecision)))));
        return command;
    }

    private static async Task<int> RunAsync(string bottle, string listen, string authority, string? eventFile, CancellationToken ct)
    {
        if (!IPEndPoint.TryParse(listen, out var address) || (address.Port == 0 && !listen.EndsWith(":0", StringComparison.Ordinal)))
        {
            throw new OperatorException($"'{listen}' is no address and port, such as 127.0.0.1:8080", OperatorException.WrongUsage);
        }

        using var loggers = LoggerFactory.Create(logging => logging
            .SetMinimumLevel(LogLevel.Warning)
            .AddProvider(new LineLoggerProvider(new ErrorLines(), TimeProvider.System, LogLevel.Warning)));
        using var events = EventFile.Open(eventFile);
        using var signals = new SignalFlags();
        var slug = SessionSlug.New("egress");
        var options = Load(bottle);
        var secrets = await GateSecretsSource.ReadAsync(bottle, options, slug, shown: [], former: null, ct);
        using var listener = Listen(address);
        using var gate = new EgressGate(
            listener, slug, options, secrets, EgressServices.ForThisMachine(events, TimeProvider.System, loggers.CreateLogger<EgressGate>()));
        using var doors = new Doors(gate, address.Address);
        doors.Open(options);
        await File.WriteAllTextAsync(authority, secrets.Authority.CertificatePem, ct);

        using var end = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var serving = gate.RunAsync(end.Token);
        Terminal.Out.WriteLine($"listening on {listener.LocalEndPoint}");
        foreach (var forward in options.Forwards)
        {
            Terminal.Out.WriteLine($"forward {new IPEndPoint(address.Address, forward.Listen)} to {forward.To}, not inspected");
        }

        Terminal.Out.WriteLine("ready");
        while (await signals.NextAsync(ct) is not SignalFlags.Request.Stop)
        {
            await ReloadAsync(gate, doors, bottle, slug, secrets, ct);
        }

        await end.CancelAsync();
        await serving;
        return 0;
    }

    /// <summary>A file with mistakes changes nothing.</summary>
    private static async Task ReloadAsync(EgressGate gate, Doors doors, string bottle, SessionSlug slug, GateSecrets former, CancellationToken ct)
    {
        try
        {
            var options = Load(bottle);
            var secrets = await GateSecretsSource.ReadAsync(bottle, options, slug, shown: [], former, ct);
            doors.Open(options);
            gate.Replace(options, secrets);
        }
        catch (OperatorException mistake)
        {
            Terminal.Error.WriteLine($"belljar: the routes stay as they were: {mistake.Message}");
        }
    }

    private static EgressOptions Load(string file)
    {
        var errors = new SettingsErrors();
        var manifest = Frontmatter.Load(file, errors) is { } document
            ? BottleManifest.Read(Path.GetFileNameWithoutExtension(file), new SettingsReader(document.Settings, "", errors))
            : null;
        return SessionPlanner.ReadEgress(manifest, errors, file).Egress;
    }

    private static Socket Listen(IPEndPoint address)
    {
        var listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            listener.Bind(address);
            listener.Listen(4096);
            return listener;
        }
        catch (SocketException error)
        {
            listener.Dispose();
            throw new OperatorException($"{address} cannot be listened on: {error.Message}");
        }
    }

    /// <summary>The listeners of forwards: on the address of the proxy itself, so that one sandbox can have both.</summary>
    private sealed class Doors(EgressGate gate, IPAddress address) : IDisposable
    {
        private readonly Dictionary<int, Socket> _open = [];

        /// <exception cref="OperatorException">A port is not to be had.</exception>
        public void Open(EgressOptions options)
        {
            foreach (var port in options.Forwards.Select(forward => forward.Listen).Where(port => !_open.ContainsKey(port)))
            {
                _open[port] = Listen(new IPEndPoint(address, port));
                gate.Open(port, _open[port]);
            }
        }

        public void Dispose()
        {
            foreach (var listener in _open.Values)
            {
                listener.Dispose();
            }
        }
    }

    private sealed class ErrorLines : ILineSink
    {
        public void Write(string line) => Terminal.Error.Write(line);

        public void Dispose()
        {
        }
    }
}
