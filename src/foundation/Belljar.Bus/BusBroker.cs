using System.Buffers;
using Belljar.Contracts;
using Belljar.Contracts.Wire;

namespace Belljar.Bus;

/// <summary>
/// Who wants what, and handing it to them. Free of I/O: <see cref="InProcessBus"/> and
/// <see cref="UnixSocket.BusSocketServer"/> are two doors to one broker. It never parses an envelope.
/// </summary>
/// <param name="bounds">Of each subscriber's queue; null for the defaults.</param>
public sealed class BusBroker(QueueBounds? bounds = null)
{
    /// <summary>Names of subscribers that left are remembered up to here: a peer chooses its name.</summary>
    public const int MostDepartedNames = 256;

    /// <summary>Under which those are counted who left when the names were full. No subscriber can be called so.</summary>
    public const string OtherNames = "(others)";

    /// <summary>One publication's matches; nothing that is called while they are held publishes.</summary>
    [ThreadStatic]
    private static Matches? _matches;

    private readonly PatternTrie<IBusSubscriber> _patterns = new();
    private readonly Lock _members = new();
    private readonly HashSet<IBusSubscriber> _subscribers = [];
    private readonly Dictionary<string, SubscriberStatistics> _departed = [];
    private long _published;
    private long _refused;
    private int _connections;
    private int _subscriptions;

    public QueueBounds Bounds { get; } = bounds ?? new QueueBounds();

    public BusStatistics Statistics
    {
        get
        {
            lock (_members)
            {
                var byName = new Dictionary<string, SubscriberStatistics>(_departed);
                foreach (var subscriber in _subscribers)
                {
                    Count(byName, subscriber.Name, subscriber.Statistics);
                }

                return new BusStatistics(
                    Interlocked.Read(ref _published),
                    byName.Values.Sum(each => each.Delivered),
                    byName.Values.Sum(each => each.Dropped),
                    Interlocked.Read(ref _refused),
                    _connections,
                    _subscriptions,
                    byName);
            }
        }
    }

    /// <summary>Hands a copy of the envelope to every subscriber that wants the topic, before it returns.</summary>
    /// <returns>False when no frame can carry it; it is counted as refused.</returns>
    public bool Publish(string topic, ReadOnlySpan<byte> envelope)
    {
        if (!CanCarry(topic, envelope.Length))
        {
            Interlocked.Increment(ref _refused);
            return false;
        }

        using var matches = Match(topic);
        if (matches.Any)
        {
            matches.Deliver(new BusMessage(topic, envelope.ToArray()));
        }

        return true;
    }

    /// <summary>The same for what a frame has carried already.</summary>
    internal void Relay(string topic, in ReadOnlySequence<byte> envelope)
    {
        using var matches = Match(topic);
        if (matches.Any)
        {
            matches.Deliver(new BusMessage(topic, envelope.ToArray()));
        }
    }

    internal static bool CanCarry(string topic, int envelopeLength) =>
        envelopeLength <= Frame.LongestBody && Topic.IsValid(topic);

    internal void Join(IBusSubscriber subscriber)
    {
        lock (_members)
        {
            _subscribers.Add(subscriber);
            _connections += subscriber.HasManyPatterns ? 1 : 0;
        }
    }

    /// <summary>Call it when the subscriber's patterns are removed and its queue is ended: its counters are kept.</summary>
    internal void Leave(IBusSubscriber subscriber)
    {
        lock (_members)
        {
            if (!_subscribers.Remove(subscriber))
            {
                return;
            }

            _connections -= subscriber.HasManyPatterns ? 1 : 0;
            var isRemembered = _departed.Count < MostDepartedNames || _departed.ContainsKey(subscriber.Name);
            Count(_departed, isRemembered ? subscriber.Name : OtherNames, subscriber.Statistics);
        }
    }

    /// <summary>From when this returns, matching messages are delivered.</summary>
    internal bool Add(string pattern, IBusSubscriber subscriber)
    {
        var isNew = _patterns.Add(pattern, subscriber);
        Interlocked.Add(ref _subscriptions, isNew ? 1 : 0);
        return isNew;
    }

    internal bool Remove(string pattern, IBusSubscriber subscriber)
    {
        var wasThere = _patterns.Remove(pattern, subscriber);
        Interlocked.Add(ref _subscriptions, wasThere ? -1 : 0);
        return wasThere;
    }

    private static void Count(Dictionary<string, SubscriberStatistics> byName, string name, SubscriberStatistics more) =>
        byName[name] = byName.GetValueOrDefault(name, SubscriberStatistics.None).Plus(more);

    private Matches Match(string topic)
    {
        Interlocked.Increment(ref _published);
        var matches = _matches ??= new Matches();
        _patterns.Match(topic, matches.Found);
        return matches;
    }

    private sealed class Matches : IDisposable
    {
        private readonly HashSet<IBusSubscriber> _served = [];

        public List<IBusSubscriber> Found { get; } = [];

        public bool Any => Found.Count > 0;

        public void Deliver(in BusMessage message)
        {
            foreach (var subscriber in Found)
            {
                if (!subscriber.HasManyPatterns || _served.Add(subscriber))
                {
                    subscriber.Deliver(message);
                }
            }
        }

        public void Dispose()
        {
            Found.Clear();
            _served.Clear();
        }
    }
}
