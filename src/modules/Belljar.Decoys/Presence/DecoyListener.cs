using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Belljar.Decoys.Presence;

/// <summary>Accepts on one socket of one decoy and gives each visitor to the decoy's server.</summary>
internal sealed partial class DecoyListener : IAsyncDisposable
{
    private static readonly TimeSpan RestAfterFailure = TimeSpan.FromMilliseconds(200);

    private readonly Socket _socket;
    private readonly string _decoy;
    private readonly string _service;
    private readonly IDecoyServer _server;
    private readonly DecoyRecorder _recorder;
    private readonly ConnectionLimits _limits;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly HashSet<Task> _visits = [];
    private readonly Task _accepting;

    /// <param name="socket">Bound and listening; owned from here on.</param>
    public DecoyListener(
        Socket socket, string decoy, string service, IDecoyServer server, DecoyRecorder recorder, ConnectionLimits limits, ILogger logger)
    {
        (_socket, _decoy, _service, _server) = (socket, decoy, service, server);
        (_recorder, _limits, _logger) = (recorder, limits, logger);
        Endpoint = (IPEndPoint)socket.LocalEndPoint!;
        _accepting = Task.Run(AcceptAsync, CancellationToken.None);
    }

    public IPEndPoint Endpoint { get; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _socket.Dispose();
        await _accepting;
        await Task.WhenAll(Visits());
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                Begin(await _socket.AcceptAsync(_stop.Token));
            }
            catch (Exception) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (SocketException failure)
            {
                // Out of descriptors, or the peer was gone before it was taken: the next one may do better.
                LogAccept(failure.SocketErrorCode, Endpoint);
                await Task.Delay(RestAfterFailure, _recorder.Clock, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void Begin(Socket accepted)
    {
        if (accepted.RemoteEndPoint is not IPEndPoint remote || _limits.Admit(remote.Address) is not { } admission)
        {
            accepted.Dispose();
            return;
        }

        var visit = ServeAsync(accepted, remote, admission);
        lock (_visits)
        {
            _visits.Add(visit);
        }

        _ = visit.ContinueWith(Forget, TaskScheduler.Default);
    }

    private async Task ServeAsync(Socket accepted, IPEndPoint remote, ConnectionLimits.Admission admission)
    {
        using var _ = admission;
        try
        {
            accepted.NoDelay = true;
            await using var stream = new NetworkStream(accepted, ownsSocket: true);
            var visit = new Visit(_recorder, _decoy, _service, remote, (IPEndPoint)accepted.LocalEndPoint!);
            await _server.ServeAsync(stream, visit, _stop.Token);
            await visit.ConnectionRecorded;
        }
        catch (Exception ended) when (ended is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Visitors leave as they please, and so do we at the end.
        }
        catch (Exception fault)
        {
            LogFault(fault, _decoy, _service);
        }
    }

    private void Forget(Task visit)
    {
        lock (_visits)
        {
            _visits.Remove(visit);
        }
    }

    private Task[] Visits()
    {
        lock (_visits)
        {
            return [.. _visits];
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "accepting on {Endpoint} failed: {Error}")]
    private partial void LogAccept(SocketError error, IPEndPoint endpoint);

    [LoggerMessage(Level = LogLevel.Error, Message = "a conversation with decoy {Decoy} ({Service}) threw")]
    private partial void LogFault(Exception fault, string decoy, string service);
}
