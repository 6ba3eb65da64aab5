using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Threading.Channels;
using Belljar.Contracts.Wire;
using Belljar.Store.Events;
using Microsoft.Extensions.Logging;

namespace Belljar.Store.Ingest;

/// <summary>
/// The recorder's side of <c>ingest.sock</c>: takes batches from many connections, commits them by one writer, and only
/// then acknowledges them.
/// </summary>
public sealed partial class IngestServer : IAsyncDisposable
{
    private static readonly TimeSpan AcceptAgain = TimeSpan.FromMilliseconds(100);

    private readonly IngestOptions _options;
    private readonly ILogger<IngestServer> _logger;
    private readonly BatchParser _parser;
    private readonly BatchWriter _writer;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<IngestConnection, Task> _connections = new();
    private readonly ConcurrentDictionary<int, int> _connectionsOf = new();

    private bool _disposed;
    private SocketFile? _listener;
    private Task _accepting = Task.CompletedTask;
    private Task _writing = Task.CompletedTask;

    /// <param name="log">Where the events go; stays the caller's.</param>
    /// <param name="options">The socket and the bounds.</param>
    /// <param name="committed">
    /// Told of every transaction, on the writer's loop and in order, after its batches are acknowledged: must be quick and
    /// must not block. Ring the bus here.
    /// </param>
    /// <param name="logger">Refused batches, dropped connections, failing disks.</param>
    public IngestServer(EventLog log, IngestOptions options, Action<IReadOnlyList<StoredEvent>>? committed, ILogger<IngestServer> logger)
    {
        _options = options;
        _logger = logger;
        _parser = new BatchParser(options.Host);
        _writer = new BatchWriter(log, options, logger) { Committed = committed };
    }

    /// <summary>Why the log cannot be written now, for the worker's health; null when all is well.</summary>
    public string? Failure => _writer.Failure;

    /// <summary>Events stored since the start.</summary>
    public long Stored => _writer.Stored;

    public int Connections => _connections.Count;

    /// <summary>Listens; when this returns, producers can connect.</summary>
    /// <exception cref="StoreException">The socket is in use or cannot be made.</exception>
    public void Start()
    {
        try
        {
            _listener = SocketFile.Listen(_options.SocketPath, _options.SocketMode, (uint?)_options.SocketGroup);
        }
        catch (IOException refused)
        {
            throw new StoreException(refused.Message, refused);
        }

        _writing = Task.Run(_writer.RunAsync, CancellationToken.None);
        _accepting = Task.Run(() => AcceptAsync(_listener.Listener), CancellationToken.None);
    }

    /// <summary>Stops reading, commits what was read, and closes.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, true))
        {
            return;
        }

        await _stopping.CancelAsync();
        await _accepting;
        await Task.WhenAll(_connections.Values);
        _writer.Complete();
        await _writing;
        _listener?.Dispose();
        _stopping.Dispose();
    }

    /// <summary>For batches that did not come over a socket; the sender is the caller's to know.</summary>
    internal async Task<BatchOutcome> SubmitAsync(ReadOnlyMemory<byte> lines, Sender sender, CancellationToken ct)
    {
        var rule = IngestRule.For(sender.Uid, _options.Rules);
        if (!_parser.TryParse(new(lines), sender, rule, out var events, out var reason))
        {
            return BatchOutcome.Rejected(reason);
        }

        var outcome = new TaskCompletionSource<BatchOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            await _writer.WriteAsync(new PendingBatch(events, outcome.SetResult), ct);
        }
        catch (ChannelClosedException)
        {
            return BatchOutcome.NotNow;
        }

        return await outcome.Task.WaitAsync(ct);
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
            catch (SocketException e)
            {
                // Out of descriptors, or a peer that was gone before it was accepted: the next one may do better.
                LogAccept(e);
                await Task.Delay(AcceptAgain, TimeProvider.System, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void Serve(Socket socket)
    {
        var peer = PeerCredentials.Of(socket) ?? PeerCredentials.Unknown;
        var sender = new Sender(peer.Uid, peer.Pid);
        if (!Admit(sender))
        {
            LogTooMany(sender.Uid, sender.Pid);
            socket.Dispose();
            return;
        }

        var connection = new IngestConnection(socket, sender, _options, _parser, _writer, _logger);
        var listed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _connections[connection] = ServeAsync(connection, sender, listed.Task);
        listed.SetResult();
    }

    private async Task ServeAsync(IngestConnection connection, Sender sender, Task listed)
    {
        await listed;
        await connection.RunAsync(_stopping.Token);
        _connectionsOf.AddOrUpdate(sender.Uid, 0, (_, count) => count - 1);
        _connections.TryRemove(connection, out _);
        connection.Dispose();
    }

    private bool Admit(Sender sender)
    {
        var limit = IngestRule.For(sender.Uid, _options.Rules)?.Connections ?? _options.MaxConnections;
        if (_connections.Count >= _options.MaxConnections || _connectionsOf.GetValueOrDefault(sender.Uid) >= limit)
        {
            return false;
        }

        _connectionsOf.AddOrUpdate(sender.Uid, 1, (_, count) => count + 1);
        return true;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A connection to ingest.sock could not be accepted")]
    private partial void LogAccept(Exception error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Too many connections to ingest.sock: closed one of uid {Uid}, pid {Pid}")]
    private partial void LogTooMany(int uid, int pid);
}
