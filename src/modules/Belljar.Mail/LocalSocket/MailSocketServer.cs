using System.Net.Sockets;
using Belljar.Contracts.Wire;
using Belljar.Protocols.Aimx;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Belljar.Mail.LocalSocket;

/// <summary>
/// Serves AIMX/1 on <c>mail.sock</c>, which everybody on this machine may open: what somebody may do is decided by who he is.
/// </summary>
/// <param name="whoIs">Who is at the other end of a connection; null asks the kernel.</param>
internal sealed partial class MailSocketServer(
    string path, MailVerbs verbs, TimeProvider clock, ILogger<MailSocketServer> logger, Func<Socket, PeerCredentials>? whoIs = null) : IHostedService, IAsyncDisposable
{
    private const int MostConnections = 64;
    private const int MostOfOneUser = 16;
    private const int MostLargeBodies = 4;
    private const UnixFileMode Everybody =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    private static readonly TimeSpan AfterFailedAccept = TimeSpan.FromMilliseconds(100);
    private static readonly byte[] Busy = AimxReply.Refusal(new AimxError(AimxErrorCode.Temporary, "too many connections, try again"));

    private readonly SemaphoreSlim _largeBodies = new(MostLargeBodies);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _lock = new();
    private readonly Dictionary<Socket, (int Uid, Task Serving)> _connections = [];
    private SocketFile? _file;
    private Task _accepting = Task.CompletedTask;

    /// <summary>When it returns, clients can connect.</summary>
    /// <exception cref="IOException">The socket is served already, or cannot be made; the message says what to do.</exception>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _file = SocketFile.Listen(path, Everybody);
        _accepting = Task.Run(() => AcceptAsync(_file.Listener), CancellationToken.None);
        return Task.CompletedTask;
    }

    /// <summary>Takes no more clients; those that are being answered get their reply within the host's patience.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _file?.Close();
        await _accepting;
        Task[] serving;
        lock (_lock)
        {
            serving = [.. _connections.Values.Select(connection => connection.Serving)];
        }

        await Task.WhenAll(serving).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _stopping.CancelAsync();
        await Task.WhenAll(serving);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _file?.Dispose();
        await _accepting;
        _stopping.Dispose();
        _largeBodies.Dispose();
    }

    private async Task AcceptAsync(Socket listener)
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                Admit(await listener.AcceptAsync(_stopping.Token));
            }
            catch (Exception closed) when (closed is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException aborted) when (aborted.SocketErrorCode is SocketError.OperationAborted)
            {
                return;
            }
            catch (SocketException problem)
            {
                // Mostly too many open files: the next attempt fails just as fast, so wait a little.
                LogAcceptFailed(problem);
                await Task.Delay(AfterFailedAccept, clock, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void Admit(Socket socket)
    {
        var caller = whoIs?.Invoke(socket) ?? PeerCredentials.Of(socket) ?? PeerCredentials.Unknown;
        lock (_lock)
        {
            if (_connections.Count >= MostConnections || _connections.Values.Count(connection => connection.Uid == caller.Uid) >= MostOfOneUser)
            {
                // It fits into the socket's buffer, so this does not wait.
                socket.Send(Busy);
                socket.Dispose();
                return;
            }

            _connections.Add(socket, (caller.Uid, Task.Run(() => ServeAsync(socket, caller), CancellationToken.None)));
        }
    }

    private async Task ServeAsync(Socket socket, PeerCredentials caller)
    {
        try
        {
            var connection = new AimxConnection(socket, (request, body, ct) => verbs.AnswerAsync(request, body, caller, ct), _largeBodies, clock);
            await connection.RunAsync(_stopping.Token);
        }
        catch (Exception bug)
        {
            LogFailed(bug, caller.Pid, caller.Uid);
        }

        lock (_lock)
        {
            _connections.Remove(socket);
        }

        socket.Dispose();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "the mail socket could not accept a client")]
    private partial void LogAcceptFailed(SocketException problem);

    [LoggerMessage(Level = LogLevel.Error, Message = "serving a client of the mail socket (pid {Pid}, uid {Uid}) failed")]
    private partial void LogFailed(Exception bug, int pid, int uid);
}
