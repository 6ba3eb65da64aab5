using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Belljar.Mail.Indexing;

/// <summary>
/// Keeps the index warm while the worker runs: soon after mail came, and every minute for what people did to the files by
/// hand. It only spares readers work (each looks for itself before it answers), so trouble here is logged and no more.
/// </summary>
internal sealed partial class IndexKeeper(Func<MailIndex> open, TimeProvider clock, ILogger<IndexKeeper> logger) : BackgroundService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMinutes(1);

    /// <summary>Mail that comes in a rush is taken in together.</summary>
    private static readonly TimeSpan Gather = TimeSpan.FromSeconds(2);

    /// <summary>Looking at very many files takes at most a tenth of the time.</summary>
    private const int RestFactor = 10;

    // One place: a ring that is not heard because another waits means the same look.
    private readonly Channel<bool> _doorbell = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Mail came. Never waits.</summary>
    public void Ring() => _doorbell.Writer.TryWrite(true);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var began = clock.GetTimestamp();
            await Task.Run(() => Look(stoppingToken), CancellationToken.None);
            var rest = clock.GetElapsedTime(began) * RestFactor;
            try
            {
                await Task.Delay(rest > Gather ? rest : Gather, clock, stoppingToken);
                await WaitForRingAsync(stoppingToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task WaitForRingAsync(CancellationToken stopping)
    {
        using var minute = new CancellationTokenSource(LookEvery, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(minute.Token, stopping);
        try
        {
            await _doorbell.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            // The minute is over.
        }
    }

    private void Look(CancellationToken stopping)
    {
        try
        {
            // Opened for each look: an index that somebody deleted is made again.
            using var index = open();
            var changes = index.RefreshAll(progress: null, stopping);
            if (changes != default)
            {
                LogChanges(changes.Read, changes.Removed);
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
        catch (Exception failed) when (failed is SqliteException or IOException or UnauthorizedAccessException or Store.StoreException)
        {
            LogFailed(failed);
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "indexed {Read} messages, forgot {Removed}")]
    private partial void LogChanges(int read, int removed);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the mail index could not be brought up to date; it is tried again in a minute. If this stays: belljar mail reindex")]
    private partial void LogFailed(Exception failed);
}
