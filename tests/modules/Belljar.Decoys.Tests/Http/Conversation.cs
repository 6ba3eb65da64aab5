using System.Net;
using System.Text;
using Belljar.Decoys.Http;
using Belljar.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Belljar.Decoys.Tests.Http;

/// <summary>What came of sending some bytes: the reply, and whether the connection was still open a while later.</summary>
internal sealed record Outcome(string Reply, bool IsOpen, Recorded Events);

/// <summary>Runs a dialogue in memory, with a clock that a test moves: nothing waits, nothing depends on time.</summary>
internal static class Conversation
{
    public const int Port = 18080;

    // More than the patience for a body that is answered early, less than any other wait of ours.
    private static readonly TimeSpan AWhile = TimeSpan.FromMilliseconds(400);

    /// <param name="pieces">What arrives, read by read.</param>
    public static async Task<Outcome> HoldAsync(IHttpDialect dialect, IEnumerable<byte[]> pieces, int port = Port, bool visitorEnds = false)
    {
        var clock = new ManualClock();
        var events = new Recorded();
        var stream = new ScriptedStream(pieces, visitorEnds);
        var visit = new Visit(
            new DecoyRecorder(events, clock, NullLogger.Instance), "web-1", "http",
            new IPEndPoint(IPAddress.Parse("192.0.2.7"), 40000), new IPEndPoint(IPAddress.Loopback, port));
        using var stop = new CancellationTokenSource();
        var running = new HttpConversation(stream, dialect, visit, clock).RunAsync(stop.Token);

        // Until it waits for what will not come; then a while passes, and it may answer and wait again.
        if (await stream.WaitsOrAsync(running))
        {
            stream.Forget();
            clock.Advance(AWhile);
            if (!stream.IsWaiting)
            {
                await stream.WaitsOrAsync(running);
            }
        }

        var isOpen = !running.IsCompleted;
        await stop.CancelAsync();
        await running.ContinueWith(_ => { }, TaskScheduler.Default);
        if (running.IsFaulted)
        {
            await running;
        }

        return new Outcome(stream.Written, isOpen, events);
    }

    public static Task<Outcome> HoldAsync(IHttpDialect dialect, string sent, int port = Port) => HoldAsync(dialect, [Encoding.Latin1.GetBytes(sent)], port);

    public static byte[] Bytes(string latin1) => Encoding.Latin1.GetBytes(latin1);
}
