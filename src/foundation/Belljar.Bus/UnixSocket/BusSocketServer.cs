using System.Net.Sockets;
using Belljar.Contracts.Wire;
using Microsoft.Extensions.Logging;

namespace Belljar.Bus.UnixSocket;

/// <summary>
/// Serves a broker on <c>bus.sock</c> to whoever may open it. A client that breaks the rules is logged once and dropped;
/// one that reads too slowly loses its oldest messages, and nobody else notices.
/// </summary>
public sealed partial class BusSocketServer(
    BusBroker broker,
    BusSocketOptions options,
    TimeProvider time,
    ILogger<BusSocketServer> logger) : IAsyncDisposable
{
    private static readonly TimeSpan AfterFailedAccept = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private readonly Dictionary<BusConnection, Task> _connections = [];
    private readonly TopicCache _topics = new();
    private readonly CancellationTokenSource _stopping = new();
    private SocketFile? _file;
    private Task _accepting = Task.CompletedTask;
    private bool _isFull;
    private bool _disposed;

    internal int Connections
    {
        get
        {
            lock (_lock)
            {
                return _connections.Count;
            }
        }
    }

    /// <summary>Binds; when it returns, clients can connect.</summary>
    /// <exception cref="IOException">The socket is served already, or cannot be made; the message says what to do.</exception>
    public void Start()
    {
        _file = SocketFile.Listen(options.Path, options.Mode, options.Group);
        _accepting = Task.Run(() => AcceptAsync(_file.Listener), CancellationToken.None);
        LogListening(logger, options.Path);
    }

    /// <summary>
    /// Refuses new clients, removes the socket, writes what waits for the present clients, at most for
    /// <see cref="BusSocketOptions.StopGrace"/>, and tells them BYE.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, true))
        {
            return;
        }

        await _stopping.CancelAsync();
        await _accepting;
        _file?.Close();
        KeyValuePair<BusConnection, Task>[] connections;
        lock (_lock)
        {
            connections = [.. _connections];
        }

        foreach (var (connection, _) in connections)
        {
            connection.Stop();
        }

        await EndAsync(connections);
        _file?.Dispose();
        _stopping.Dispose();
    }

    private async Task EndAsync(KeyValuePair<BusConnection, Task>[] connections)
    {
        var all = Task.WhenAll(connections.Select(each => each.Value));
        try
        {
            await all.WaitAsync(options.StopGrace, time, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            foreach (var (connection, _) in connections)
            {
                connection.Abort();
            }

            await all;
        }
    }

    private async Task AcceptAsync(Socket listener)
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                Serve(await listener.AcceptAsync(_stopping.Token));
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException problem)
            {
                // Mostly too many open files: the next attempt fails just as fast, so wait a little.
                LogAcceptFailed(logger, problem);
                await Task.Delay(AfterFailedAccept, time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void Serve(Socket socket)
    {
        lock (_lock)
        {
            if (_connections.Count >= options.MostConnections)
            {
                socket.Dispose();
                LogFullOnce();
                return;
            }

            _isFull = false;
            var connection = new BusConnection(socket, broker, _topics, options.MostSubscriptions);
            _connections.Add(connection, Task.Run(() => ServeAsync(connection, PeerCredentials.Of(socket) ?? PeerCredentials.Unknown), CancellationToken.None));
        }
    }

    private async Task ServeAsync(BusConnection connection, PeerCredentials peer)
    {
        try
        {
            if (await connection.RunAsync() is { } fault)
            {
                LogDropped(logger, connection.Name, peer.Pid, peer.Uid, fault);
            }
        }
        catch (Exception bug)
        {
            LogFailed(logger, bug, connection.Name, peer.Pid, peer.Uid);
        }

        lock (_lock)
        {
            _connections.Remove(connection);
        }
    }

    private void LogFullOnce()
    {
        if (!_isFull)
        {
            _isFull = true;
            LogFull(logger, options.Path, options.MostConnections);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The bus listens on {Path}.")]
    private static partial void LogListening(ILogger logger, string path);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Path} has {Most} connections: further ones are closed at once.")]
    private static partial void LogFull(ILogger logger, string path, int most);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Dropped bus client {Name} (pid {Pid}, uid {Uid}): {Fault}.")]
    private static partial void LogDropped(ILogger logger, string name, int pid, int uid, string fault);

    [LoggerMessage(Level = LogLevel.Error, Message = "Serving bus client {Name} (pid {Pid}, uid {Uid}) failed.")]
    private static partial void LogFailed(ILogger logger, Exception bug, string name, int pid, int uid);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The bus could not accept a client.")]
    private static partial void LogAcceptFailed(ILogger logger, SocketException problem);
}
