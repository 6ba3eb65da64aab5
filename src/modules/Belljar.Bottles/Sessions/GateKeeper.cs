using System.Net.Sockets;
using System.Text;
using Belljar.Contracts;
using Belljar.Contracts.Events;
using Belljar.Contracts.Wire;
using Belljar.Hosting;
using Belljar.Sandboxes.Processes;
using Microsoft.Extensions.Logging;

namespace Belljar.Bottles.Sessions;

/// <summary>How a gate is started: the command with its user and view, and what it is told.</summary>
/// <param name="Spec">The child; its input and output become pipes, its descriptors from 3 on the listeners.</param>
/// <param name="Configuration">The gate's configuration as JSON, sent over its input.</param>
public sealed record GateLaunch(ChildSpec Spec, byte[] Configuration);

/// <summary>
/// Keeps a session's gate running. The keeper holds the listeners too, so nothing inside can bind the port while a gate
/// restarts: connections wait, and nothing answers them until the gate is back. A gate whose keeper dies reads the end of
/// its input and ends.
/// </summary>
internal sealed partial class GateKeeper(
    SessionSlug session, IReadOnlyList<Socket> listeners, GateLaunch launch, IEventSink events, TimeProvider clock, ILogger logger) : IAsyncDisposable
{
    private static readonly TimeSpan ReadyWithin = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan FinishWithin = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan FirstBackoff = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stop = new();

    // One writer at a time on the gate's input, and no gate is started with a configuration that is being replaced.
    private readonly SemaphoreSlim _input = new(1);
    private byte[] _configuration = launch.Configuration;
    private ChildProcess? _serving;
    private Task _loop = Task.CompletedTask;
    private int _restarts;

    /// <summary>The present gate's process; it changes when the gate is started again.</summary>
    public int Pid { get; private set; }

    /// <exception cref="OperatorException">The first gate did not come up.</exception>
    public async Task StartAsync(CancellationToken ct)
    {
        var gate = await LaunchAsync(ct);
        _loop = Task.Run(() => KeepAsync(gate), CancellationToken.None);
    }

    /// <summary>Gives the gate, and every later one, another configuration. What is under way is not cut.</summary>
    public async Task ReplaceAsync(byte[] configuration, CancellationToken ct)
    {
        await _input.WaitAsync(ct);
        try
        {
            _configuration = configuration;
            if (_serving is { } gate)
            {
                await SendAsync(gate, configuration, ct);
            }
        }
        catch (IOException)
        {
            // It ended just now: the next one starts with it.
        }
        finally
        {
            _input.Release();
        }

        Tell("replaced", null);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        foreach (var listener in listeners)
        {
            listener.Dispose();
        }

        _input.Dispose();
        _stop.Dispose();
    }

    private async Task KeepAsync(ChildProcess first)
    {
        var backoff = FirstBackoff;
        ChildProcess? gate = first;
        while (gate is not null || !_stop.IsCancellationRequested)
        {
            if (gate is not null)
            {
                var ended = await EndOfAsync(gate);
                await gate.DisposeAsync();
                if (ended is null)
                {
                    return;
                }

                Tell("lost", $"the gate ended with code {ended}");
                LogLost(session.Value, ended.Value);
            }

            await Task.Delay(backoff, clock, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            (gate, backoff) = await TryLaunchAgainAsync(backoff);
        }
    }

    /// <returns>The gate's exit code; null when the session ends first.</returns>
    private async Task<int?> EndOfAsync(ChildProcess gate)
    {
        try
        {
            return await gate.Exited.WaitAsync(_stop.Token);
        }
        catch (OperationCanceledException)
        {
            // The end of its input asks the gate to finish what it has in hand.
            await gate.Input!.DisposeAsync();
            await Task.WhenAny(gate.Exited, Task.Delay(FinishWithin, clock, CancellationToken.None));
            return null;
        }
    }

    private async Task<(ChildProcess? Gate, TimeSpan Backoff)> TryLaunchAgainAsync(TimeSpan backoff)
    {
        var slower = backoff * 2 < LongestBackoff ? backoff * 2 : LongestBackoff;
        try
        {
            _restarts++;
            return (await LaunchAsync(_stop.Token), FirstBackoff);
        }
        catch (OperationCanceledException)
        {
            return (null, backoff);
        }
        catch (Exception failure)
        {
            LogNotStarted(failure, session.Value);
            return (null, slower);
        }
    }

    private async Task<ChildProcess> LaunchAsync(CancellationToken ct)
    {
        var gate = ChildProcess.Start(launch.Spec with
        {
            Input = ChildStream.Pipe,
            Output = ChildStream.Pipe,
            Descriptors = listeners.Index().ToDictionary(one => GateProtocol.ListenerDescriptor + one.Index, one => (System.Runtime.InteropServices.SafeHandle)one.Item.SafeHandle),
            Grouping = ChildGrouping.OwnSession,
        });
        try
        {
            using var deadline = new CancellationTokenSource(ReadyWithin, clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, ct);
            await _input.WaitAsync(either.Token);
            try
            {
                await SendAsync(gate, _configuration, either.Token);
                await WaitUntilReadyAsync(gate, either.Token);
                _serving = gate;
            }
            finally
            {
                _input.Release();
            }

            Pid = gate.Pid;
            Tell("ready", null);
            return gate;
        }
        catch (Exception failure)
        {
            // A pipe that breaks is a gate that ended: its code says more.
            await gate.DisposeAsync();
            if (failure is OperationCanceledException && ct.IsCancellationRequested)
            {
                throw;
            }

            var why = failure is IOException ? $"it ended at once with code {await gate.Exited.WaitAsync(CancellationToken.None)}." : failure.Message;
            throw new OperatorException($"the session's gate did not come up: {why}");
        }
    }

    private static async Task SendAsync(ChildProcess gate, byte[] configuration, CancellationToken ct)
    {
        var frame = new System.Buffers.ArrayBufferWriter<byte>();
        Frame.Write(frame, GateProtocol.ConfigurationVerb, "", configuration);
        await gate.Input!.WriteAsync(frame.WrittenMemory, ct);
        await gate.Input.FlushAsync(ct);
    }

    private static async Task WaitUntilReadyAsync(ChildProcess gate, CancellationToken ct)
    {
        var line = new byte[256];
        var length = 0;
        while (length < line.Length)
        {
            var read = await gate.Output!.ReadAsync(line.AsMemory(length), ct);
            if (read == 0)
            {
                throw new OperatorException($"it ended at once with code {await gate.Exited.WaitAsync(ct)}.");
            }

            length += read;
            if (line.AsSpan(0, length).Contains((byte)'\n'))
            {
                break;
            }
        }

        var text = Encoding.UTF8.GetString(line, 0, length).TrimEnd();
        if (text != GateProtocol.ReadyLine)
        {
            throw new OperatorException($"it said '{text}'.");
        }
    }

    private void Tell(string state, string? reason) => events.Post(
        EventKinds.GateState.At(clock, new GateState(state, _restarts, reason), reason is null ? Severity.Info : Severity.Warning) with
        {
            Session = session.Value,
        });

    [LoggerMessage(Level = LogLevel.Warning, Message = "the gate of {Session} ended with code {ExitCode} and is started again")]
    private partial void LogLost(string session, int exitCode);

    [LoggerMessage(Level = LogLevel.Error, Message = "the gate of {Session} could not be started")]
    private partial void LogNotStarted(Exception failure, string session);
}
