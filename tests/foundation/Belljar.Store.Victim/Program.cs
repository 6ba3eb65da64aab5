#pragma warning disable RS0030 // A child process of the tests: it tells its parent by standard output what it was promised.
using Belljar.Contracts.Events;
using Belljar.Store.Events;
using Belljar.Store.Ingest;
using Belljar.Store.Spool;
using Microsoft.Extensions.Logging.Abstractions;

// recorder DATABASE SOCKET          serves until killed; says "ready"
// producer SOCKET SPOOL STREAMS     records without end; says the id of each event once it is promised to be durable
switch (args)
{
    case ["recorder", var database, var socket]:
        using (var log = EventLog.Open(database, TimeProvider.System))
        {
            var options = new IngestOptions { SocketPath = socket, Host = "victim" };
            await using var server = new IngestServer(log, options, null, NullLogger<IngestServer>.Instance);
            server.Start();
            Console.WriteLine("ready");
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System);
        }

        return 0;

    case ["producer", var socket, var spool, var streams]:
        await using (var sink = new SpoolingEventSink(
            new SpoolingSinkOptions { SocketPath = socket, SpoolRoot = spool, Producer = "victim", FirstBackoff = TimeSpan.FromMilliseconds(5) },
            TimeProvider.System,
            NullLogger<SpoolingEventSink>.Instance))
        {
            await Task.WhenAll(Enumerable.Range(0, int.Parse(streams)).Select(_ => RecordAsync(sink)));
        }

        return 0;

    default:
        return 2;
}

static async Task RecordAsync(SpoolingEventSink sink)
{
    var output = Console.OpenStandardOutput();
    while (true)
    {
        var e = EventKinds.SystemStopped.At(TimeProvider.System, new SystemStopped(1));
        await sink.RecordAsync(e, CancellationToken.None);

        // One write of less than a pipe's atomic size: lines of several streams do not mix.
        await output.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"{e.Id}\n"));
        await output.FlushAsync();
    }
}
