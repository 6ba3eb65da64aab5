using Belljar.Bus.UnixSocket;
using Belljar.Testing;

namespace Belljar.Bus.Tests.UnixSocket;

/// <summary>A broker on a socket of its own, and clients of it.</summary>
internal sealed class ServedBroker : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Func<BusSocketOptions, BusSocketOptions> _with;

    public ServedBroker(BusBroker? broker = null, Func<BusSocketOptions, BusSocketOptions>? with = null)
    {
        Broker = broker ?? new BusBroker();
        _with = with ?? (options => options);
        Server = NewServer();
        Server.Start();
    }

    public BusBroker Broker { get; }

    public BusSocketServer Server { get; private set; }

    public RecordedLog<BusSocketServer> Log { get; } = new();

    public string Path => _folder["bus.sock"];

    public BusSocketServer NewServer() => new(Broker, _with(new BusSocketOptions(Path)), TimeProvider.System, Log);

    /// <summary>Starts again after the server was disposed.</summary>
    public void Restart()
    {
        Server = NewServer();
        Server.Start();
    }

    public RawClient Raw() => new(Path);

    public UnixBus Client(string name, RecordedLog<UnixBus>? log = null) => new(
        new UnixBusOptions(Path, name) { FirstDelay = TimeSpan.FromMilliseconds(1), Bounds = Broker.Bounds },
        TimeProvider.System,
        log ?? new RecordedLog<UnixBus>());

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        _folder.Dispose();
    }
}
