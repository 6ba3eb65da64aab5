using Belljar.Contracts.Events;
using Microsoft.Extensions.Logging;

namespace Belljar.Decoys;

/// <summary>Hands events over before the visitor is answered, but never makes him wait long enough to notice.</summary>
internal sealed partial class DecoyRecorder(IEventSink events, TimeProvider clock, ILogger logger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private long _late;
    private long _recorded;

    public TimeProvider Clock => clock;

    public long Recorded => Interlocked.Read(ref _recorded);

    /// <summary>Events that were not durable when the visitor was answered.</summary>
    public long Late => Interlocked.Read(ref _late);

    /// <summary>Never throws: recording must not change what the visitor sees.</summary>
    public async Task RecordAsync(BelljarEvent e)
    {
        try
        {
            // Not cancelled at the deadline: it goes on, and only the visitor is not kept any longer.
            var recording = events.RecordAsync(e, CancellationToken.None).AsTask();
            await recording.WaitAsync(Patience, clock);
            Interlocked.Increment(ref _recorded);
        }
        catch (TimeoutException)
        {
            Interlocked.Increment(ref _late);
            LogLate(e.Kind);
        }
        catch (Exception fault)
        {
            Interlocked.Increment(ref _late);
            LogLost(fault, e.Kind);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "a {Kind} was not durable within a second; the visitor was answered")]
    private partial void LogLate(string kind);

    [LoggerMessage(Level = LogLevel.Error, Message = "a {Kind} could not be recorded")]
    private partial void LogLost(Exception fault, string kind);
}
