using System.Collections.Immutable;
using System.Net;
using Belljar.Bus;
using Belljar.Contracts;
using Belljar.Contracts.Events;

namespace Belljar.Hosting.Workers;

/// <summary>
/// Where a worker says how it is. Every change is published at once as a heartbeat and recorded as an event; the
/// supervisor publishes it again every 10 s.
/// </summary>
public sealed class WorkerHealthReporter(string name, TimeProvider clock, IBus bus, IEventSink events)
{
    private readonly string _topic = Topic.Of("system", name, "health");
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Func<long>> _counters = [];
    private WorkerState _state = WorkerState.Stopped;
    private DateTimeOffset _since = clock.GetUtcNow();
    private string? _reason;
    private int _restarts;
    private ImmutableArray<BoundListener> _listeners = [];

    public string Name { get; } = name;

    public WorkerHealth Current
    {
        get
        {
            lock (_lock)
            {
                return new WorkerHealth(
                    Name, _state, _since, _reason, _restarts, Environment.ProcessId, _listeners,
                    _counters.ToImmutableSortedDictionary(counter => counter.Key, counter => counter.Value()));
            }
        }
    }

    /// <summary>A place where this worker now listens; shown in <c>status</c> and in the table that <c>up</c> prints.</summary>
    public void Listening(string protocol, string address)
    {
        lock (_lock)
        {
            _listeners = _listeners.Add(new BoundListener(protocol, address));
        }
    }

    /// <inheritdoc cref="Listening(string, string)"/>
    public void Listening(string protocol, EndPoint address) => Listening(protocol, address.ToString() ?? "");

    /// <summary>A counter that is read at every heartbeat.</summary>
    public void Count(string counter, Func<long> read)
    {
        lock (_lock)
        {
            _counters[counter] = read;
        }
    }

    /// <summary>It works on with less. The reason says what is missing and what to do.</summary>
    public void Degraded(string reason) => Change(WorkerState.Degraded, reason);

    /// <summary>A lost dependency is back.</summary>
    public void Recovered() => Change(WorkerState.Ready, null);

    /// <summary>Publishes the present state.</summary>
    public void Beat()
    {
        var now = clock.GetUtcNow();
        bus.Publish(_topic, BusEnvelope.Write(Guid.CreateVersion7(now), _topic, now, Name, Current, ContractsJson.Default.WorkerHealth));
    }

    internal void Starting(bool again)
    {
        lock (_lock)
        {
            _listeners = [];
            _counters.Clear();
            _restarts += again ? 1 : 0;
        }

        Change(WorkerState.Starting, null);
    }

    /// <summary>Its host has started; a worker that meanwhile said that it is degraded stays so.</summary>
    internal void Started()
    {
        lock (_lock)
        {
            if (_state is WorkerState.Degraded)
            {
                return;
            }
        }

        Change(WorkerState.Ready, null);
    }

    internal void Faulted(string reason)
    {
        Forget();
        Change(WorkerState.Faulted, reason);
    }

    internal void Stopping() => Change(WorkerState.Stopping, null);

    internal void Stopped()
    {
        Forget();
        Change(WorkerState.Stopped, null);
    }

    private void Forget()
    {
        lock (_lock)
        {
            _listeners = [];
            _counters.Clear();
        }
    }

    private void Change(WorkerState state, string? reason)
    {
        WorkerState previous;
        lock (_lock)
        {
            if (state == _state && reason == _reason)
            {
                return;
            }

            previous = _state;
            if (state != _state)
            {
                _since = clock.GetUtcNow();
            }

            (_state, _reason) = (state, reason);
        }

        Beat();
        if (state is WorkerState.Ready or WorkerState.Degraded or WorkerState.Faulted or WorkerState.Stopped)
        {
            var severity = state is WorkerState.Ready or WorkerState.Stopped ? Severity.Info : Severity.Warning;
            events.Post(EventKinds.WorkerStateChanged.At(
                clock, new WorkerStateChanged(Name, Word(state), Word(previous), reason), severity));
        }
    }

    private static string Word(WorkerState state) => state.ToString().ToLowerInvariant();
}
