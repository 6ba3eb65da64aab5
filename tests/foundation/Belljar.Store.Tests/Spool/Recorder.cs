using Belljar.Store.Events;
using Belljar.Store.Ingest;
using Belljar.Store.Spool;
using Belljar.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Belljar.Store.Tests.Spool;

/// <summary>A real recorder: a log and its ingest socket.</summary>
internal sealed class Recorder : IAsyncDisposable
{
    private readonly EventLog _log;
    private readonly IngestServer _server;

    public Recorder(TemporaryFolder folder, TimeProvider clock, params IngestRule[] rules)
    {
        _log = Sample.Log(folder, clock);
        _server = new IngestServer(
            _log, new IngestOptions { SocketPath = folder["i.sock"], Host = "here", Rules = rules }, null, NullLogger<IngestServer>.Instance);
        _server.Start();
    }

    public IReadOnlyList<StoredEvent> Events() =>
        _log.Reader.List(new EventQuery { NewestFirst = false, Limit = EventQuery.LargestPage }, CancellationToken.None);

    public Task HasAsync(int count) => SpoolingEventSinkTests.UntilAsync(() => _server.Stored >= count);

    public Task RecoverAsync(string root) =>
        new SpoolRecovery(root, _server, TimeProvider.System, NullLogger<SpoolRecovery>.Instance).RunOnceAsync(CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _log.Dispose();
    }
}
