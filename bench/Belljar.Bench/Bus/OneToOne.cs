using System.Buffers.Binary;
using System.Diagnostics;
using Belljar.Bus;

namespace Belljar.Bench.Bus;

/// <summary>Measures any bus: as fast as the subscriber takes it, and at a steady rate.</summary>
internal static class OneToOne
{
    private const string Topic = "bench.bus.one";
    private const int BodyLength = 64;
    private const int WarmUp = 100_000;
    private const int Messages = 1_000_000;

    /// <summary>The publisher is at most Credits × CreditLength messages ahead of the subscriber, so no queue overflows.</summary>
    private const int Credits = 8;
    private const int CreditLength = 256;

    private const int Rate = 20_000;
    private static readonly TimeSpan LatencyRun = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static async Task MeasureAsync(string what, IBus publisher, IBus subscriber, CancellationToken ct)
    {
        await using var subscription = await subscriber.SubscribeAsync(Topic, ct);
        await ThroughputAsync(publisher, subscription, WarmUp, ct);
        var (seconds, lost) = await ThroughputAsync(publisher, subscription, Messages, ct);
        Console.WriteLine($"  {what}: {(Messages - lost) / seconds,10:N0} messages/s ({Messages:N0} in {seconds:F2} s, {lost} lost)");

        await LatencyAsync(publisher, subscription, TimeSpan.FromSeconds(1), ct);
        var latencies = await LatencyAsync(publisher, subscription, LatencyRun, ct);
        Array.Sort(latencies);
        Console.WriteLine($"  {what}: at {Rate:N0}/s p50 {At(latencies, 0.5):F0} µs, p99 {At(latencies, 0.99):F0} µs, "
            + $"p99.9 {At(latencies, 0.999):F0} µs, max {At(latencies, 1):F0} µs ({latencies.Length:N0} messages)");
    }

    private static async Task<(double Seconds, long Lost)> ThroughputAsync(
        IBus publisher, ISubscription subscription, int count, CancellationToken ct)
    {
        using var credits = new SemaphoreSlim(Credits);
        var received = 0;
        var receiving = Task.Run(() => ReceiveAsync(subscription, count, _ =>
        {
            if (++received % CreditLength == 0)
            {
                credits.Release();
            }
        }, ct), ct);
        var start = Stopwatch.GetTimestamp();
        var body = new byte[BodyLength];
        for (var i = 0; i < count; i++)
        {
            // A credit that does not come back means that messages were lost: go on, and say how many.
            if (i % CreditLength == 0)
            {
                await credits.WaitAsync(Patience, ct);
            }

            publisher.Publish(Topic, body);
        }

        await receiving;
        return (Stopwatch.GetElapsedTime(start).TotalSeconds, count - received);
    }

    /// <summary>Every millisecond sends what is due; each message carries the moment at which it was published.</summary>
    private static async Task<double[]> LatencyAsync(IBus publisher, ISubscription subscription, TimeSpan run, CancellationToken ct)
    {
        var count = (int)(Rate * run.TotalSeconds);
        var latencies = new List<double>(count);
        var receiving = Task.Run(() => ReceiveAsync(subscription, count, message =>
        {
            var sent = BinaryPrimitives.ReadInt64LittleEndian(message.Envelope.Span);
            latencies.Add(Stopwatch.GetElapsedTime(sent).TotalMicroseconds);
        }, ct), ct);
        var publishing = Task.Factory.StartNew(() => PublishAtRate(publisher, count, ct), ct, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await publishing;
        await receiving;
        return [.. latencies];
    }

    private static void PublishAtRate(IBus publisher, int count, CancellationToken ct)
    {
        var body = new byte[BodyLength];
        var start = Stopwatch.GetTimestamp();
        for (var sent = 0; sent < count && !ct.IsCancellationRequested;)
        {
            var due = Math.Min(count, (int)(Stopwatch.GetElapsedTime(start).TotalSeconds * Rate));
            for (; sent < due; sent++)
            {
                BinaryPrimitives.WriteInt64LittleEndian(body, Stopwatch.GetTimestamp());
                publisher.Publish(Topic, body);
            }

            Thread.Sleep(1);
        }
    }

    /// <summary>Until all came, or none for a while.</summary>
    private static async Task ReceiveAsync(ISubscription subscription, int count, Action<BusMessage> take, CancellationToken ct)
    {
        while (count > 0)
        {
            if (!subscription.Messages.TryRead(out var message))
            {
                try
                {
                    await subscription.Messages.WaitToReadAsync(ct).AsTask().WaitAsync(Patience, ct);
                    continue;
                }
                catch (TimeoutException)
                {
                    return;
                }
            }

            take(message);
            count--;
        }
    }

    private static double At(double[] sorted, double part) =>
        sorted.Length == 0 ? double.NaN : sorted[(int)Math.Min(sorted.Length - 1, sorted.Length * part)];
}
