using Belljar.Bus.UnixSocket;

namespace Belljar.Bus.Tests.UnixSocket;

public class UnixBusTests : BusContract
{
    private ServedBroker? _served;

    private protected override int QuickCount => 20_000;

    private protected override IBus Connect(BusBroker broker, string name)
    {
        _served ??= new ServedBroker(broker);
        return _served.Client(name);
    }

    private protected override async ValueTask StopAsync()
    {
        if (_served is not null)
        {
            await _served.DisposeAsync();
        }
    }

    private protected override long DroppedOnTheWay(string name) =>
        Broker.Statistics.Subscribers.TryGetValue(name, out var statistics) ? statistics.Dropped : 0;

    private protected override long Unsent(IBus publisher) => ((UnixBus)publisher).Statistics.Dropped;

    private protected override long Refused(IBus publisher) => ((UnixBus)publisher).Statistics.Refused;
}
