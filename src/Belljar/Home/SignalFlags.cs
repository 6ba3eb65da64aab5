using System.Runtime.InteropServices;
using System.Threading.Channels;

namespace Belljar.Home;

/// <summary>
/// Turns signals into requests that one loop reads: SIGTERM and SIGINT stop, SIGHUP reads the configuration again, SIGUSR1
/// also restarts the workers that it concerns. A second request of a kind that waits already is the same one.
/// </summary>
internal sealed class SignalFlags : IDisposable
{
    /// <summary>SIGUSR1 has no name in .NET; its number is the same on all machines that we run on (signal(7)).</summary>
    private const PosixSignal User1 = (PosixSignal)10;

    private readonly Channel<Request> _requests = Channel.CreateBounded<Request>(new BoundedChannelOptions(4) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly PosixSignalRegistration[] _registrations;

    public SignalFlags() => _registrations =
    [
        On(PosixSignal.SIGTERM, Request.Stop),
        On(PosixSignal.SIGINT, Request.Stop),
        On(PosixSignal.SIGHUP, Request.Reload),
        On(User1, Request.RestartChanged),
    ];

    public enum Request
    {
        Stop,
        Reload,
        RestartChanged,
    }

    /// <returns>What was asked; <see cref="Request.Stop"/> also when the token says so.</returns>
    public async Task<Request?> NextAsync(CancellationToken ct)
    {
        try
        {
            return _stopped ? Request.Stop : await _requests.Reader.ReadAsync(ct);
        }
        catch (OperationCanceledException)
        {
            return Request.Stop;
        }
    }

    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }
    }

    private volatile bool _stopped;

    private PosixSignalRegistration On(PosixSignal signal, Request request) => PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        _stopped |= request is Request.Stop;
        _requests.Writer.TryWrite(request);
    });
}
