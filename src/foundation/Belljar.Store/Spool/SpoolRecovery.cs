using Belljar.Store.Events;
using Belljar.Store.Ingest;
using Microsoft.Extensions.Logging;

namespace Belljar.Store.Spool;

/// <summary>
/// The recorder takes in what dead producers of any user left in the spool: a gate, for one, whose session is over and
/// whose user nobody will be again. The sender is the folder's owner, and the owner's rule applies.
/// </summary>
public sealed partial class SpoolRecovery
{
    private readonly string _root;
    private readonly IngestServer _server;
    private readonly ILogger<SpoolRecovery> _logger;
    private readonly RejectedEvents _rejected;

    /// <param name="root">The folder of all spools.</param>
    /// <param name="server">Started.</param>
    /// <param name="clock">Names the file of what is rejected.</param>
    /// <param name="logger">What was found.</param>
    public SpoolRecovery(string root, IngestServer server, TimeProvider clock, ILogger<SpoolRecovery> logger)
    {
        _root = root;
        _server = server;
        _logger = logger;
        _rejected = new RejectedEvents(Path.Combine(root, "rejected"), SpoolFolder.NewName("recorder", clock), logger);
    }

    /// <summary>Looks once; at start and now and then. Returns how many lines were settled.</summary>
    public async Task<long> RunOnceAsync(CancellationToken ct)
    {
        long settled = 0;
        foreach (var folder in SpoolFolder.Adopt(_root, ofUid: null))
        {
            using (folder)
            {
                settled += await RecoverAsync(folder, ct);
            }
        }

        return settled;
    }

    private async Task<long> RecoverAsync(SpoolFolder folder, CancellationToken ct)
    {
        var delivery = new BatchDelivery(new InProcess(_server, new Sender(folder.Uid, Pid: 0)), _rejected);
        long settled = 0;
        try
        {
            foreach (var path in folder.Files())
            {
                var file = SpoolFile.Existing(folder, path);
                while (file.Read(out var torn) is { Lines.IsEmpty: false } chunk)
                {
                    var count = await delivery.DeliverAsync(chunk.Lines, ct);
                    settled += count;
                    if (count < chunk.Lines.Length)
                    {
                        return settled;
                    }

                    file.Settle(chunk.Ends[^1]);
                }

                File.Delete(path);
            }

            LogRecovered(settled, folder.Path, folder.Uid);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogUnreadable(e, folder.Path);
        }

        return settled;
    }

    private sealed class InProcess(IngestServer server, Sender sender) : IBatchDestination
    {
        public Task<BatchOutcome> SendAsync(ReadOnlyMemory<byte> lines, CancellationToken ct) => server.SubmitAsync(lines, sender, ct);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Count} events taken in from {Path}, left behind by a producer of uid {Uid}")]
    private partial void LogRecovered(long count, string path, int uid);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Path} could not be taken in")]
    private partial void LogUnreadable(Exception error, string path);
}
