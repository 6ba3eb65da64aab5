using System.Text.Json;
using System.Threading.Channels;
using Belljar.Contracts;
using Belljar.Contracts.Events;
using Microsoft.Extensions.Logging;

namespace Belljar.Store.Spool;

/// <summary>
/// A producer's way to the recorder. One loop takes whatever is queued and makes it durable: sent and acknowledged while
/// the recorder answers, else written to the spool. While the spool holds anything, new events go behind it and the spool
/// is replayed in order; when it is empty, events go straight through again.
/// <code>
/// RecordAsync, Post ─▶ queue ─▶ loop ─┬─▶ ingest.sock ─▶ ACK        (recorder there, spool empty)
///                                     └─▶ spool, fsync ─▶ ingest.sock (else)
/// </code>
/// When neither works (recorder away and disk full) events wait, and with them <see cref="RecordAsync"/>.
/// </summary>
public sealed class SpoolingEventSink : IEventSink, IAsyncDisposable
{
    private readonly Channel<QueuedEvent> _queue;
    private readonly EventPump _pump;
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _loop;

    private long _dropped;

    /// <summary>Begins at once: what a dead producer of this user left under the same root is replayed first.</summary>
    public SpoolingEventSink(SpoolingSinkOptions options, TimeProvider clock, ILogger<SpoolingEventSink> logger)
    {
        _queue = Channel.CreateBounded<QueuedEvent>(new BoundedChannelOptions(options.QueueCapacity) { SingleReader = true });
        _pump = new EventPump(options, clock, _queue, () => Dropped, logger, _closing.Token);
        _loop = Task.Run(RunAsync, CancellationToken.None);
    }

    /// <summary>Posted events that found the queue full.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Events that the recorder refused for good; they lie in <c>rejected/</c> under the spool's root.</summary>
    public long Rejected => _pump.Rejected.Count;

    /// <summary>Bytes on disk that the recorder does not have yet.</summary>
    public long SpooledBytes => _pump.Spool.Bytes;

    /// <summary>Spool files given up because the spool was full.</summary>
    public long SpoolFilesGivenUp => _pump.Spool.GivenUp;

    /// <summary>Spool files that ended in the middle of an event.</summary>
    public long TornLines => _pump.Spool.Torn;

    /// <inheritdoc/>
    /// <remarks>Cancelling ends the wait; an event that is queued already is recorded all the same.</remarks>
    /// <exception cref="ObjectDisposedException">The sink is closed; the event is not recorded.</exception>
    public async ValueTask RecordAsync(BelljarEvent e, CancellationToken ct)
    {
        var durable = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            await _queue.Writer.WriteAsync(new QueuedEvent(Line(e), durable), ct);
        }
        catch (ChannelClosedException closed)
        {
            throw new ObjectDisposedException("The event sink is closed.", closed);
        }

        await durable.Task.WaitAsync(ct);
    }

    /// <inheritdoc/>
    public void Post(BelljarEvent e)
    {
        if (!_queue.Writer.TryWrite(new QueuedEvent(Line(e), null)))
        {
            Interlocked.Increment(ref _dropped);
        }
    }

    /// <summary>Sends or spools what is queued, within the deadline for an answer, and closes. A backlog stays for the next start.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_queue.Writer.TryComplete())
        {
            await _loop;
            return;
        }

        await _closing.CancelAsync();
        await _loop;
        _closing.Dispose();
    }

    private static byte[] Line(BelljarEvent e) => JsonSerializer.SerializeToUtf8Bytes(e, ContractsJson.Default.BelljarEvent);

    private async Task RunAsync()
    {
        using (_pump)
        {
            await _pump.RunAsync();
        }
    }
}
