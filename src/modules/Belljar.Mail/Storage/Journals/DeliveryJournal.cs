using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace Belljar.Mail.Storage.Journals;

/// <summary>
/// Makes deliveries durable, many with one flush (group commit). The files themselves are written without waiting for the
/// disk; the journal has what is needed to write them again after the power went:
/// <code>
/// connections ──► Append ──► one thread: write all that waits, flush once ──► whenDurable each
///                            segment full, or nothing for a while: put it aside, go on in the other
/// put aside ──► another thread: wait for its deliveries to settle, sync the file system, clear it
/// </code>
/// While both segments are busy, Append's callers wait for their turn, and with them the senders.
/// </summary>
internal sealed partial class DeliveryJournal : IDisposable
{
    /// <summary>A record beyond it is not taken: writing so much twice costs more than it spares.</summary>
    public const int LongestRecord = 1024 * 1024;

    /// <summary>
    /// Bytes of one of its two segments: how much may come in a rush before the disk has to have caught up with the files.
    /// </summary>
    public const int Capacity = 64 * 1024 * 1024;

    private const int LongestWrite = 8 * 1024 * 1024;

    /// <summary>After so long without mail the files are synced, and the journal's copy is erased.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(2);

    private readonly object _gate = new();
    private readonly Queue<(JournalRecord Record, Action<long> WhenDurable)> _waiting = new();
    private readonly JournalSegment[] _segments;
    private readonly SafeFileHandle _root;
    private readonly string _boot;
    private readonly ILogger _logger;
    private readonly ITimer _heartbeat;
    private readonly Thread _writer;
    private readonly Thread _syncer;
    private JournalSegment _active;
    private JournalSegment? _aside;
    private bool _eraseAside;
    private long _generation;
    private bool _isQuiet = true;
    private bool _isStopping;
    private bool _isWriterDone;

    private DeliveryJournal(JournalSegment[] segments, SafeFileHandle root, string boot, long generation, TimeProvider clock, ILogger logger)
    {
        (_segments, _root, _boot, _generation, _logger) = (segments, root, boot, generation, logger);
        _active = segments[0];
        _writer = new Thread(Write) { IsBackground = true, Name = "mail journal" };
        _syncer = new Thread(Sync) { IsBackground = true, Name = "mail journal sync" };
        _heartbeat = clock.CreateTimer(_ => Beat(), null, Quiet, Quiet);
        _writer.Start();
        _syncer.Start();
    }

    /// <summary>A flush failed once: from then on nothing is taken, and deliveries sync their own files.</summary>
    public bool IsLost { get; private set; }

    /// <summary>Brings the files up to what the last run's journal says, and begins anew.</summary>
    /// <param name="boot">What names this boot of the machine: the kernel's files outlive a process, but not the power.</param>
    public static DeliveryJournal Open(MailLayout layout, string boot, int capacity, TimeProvider clock, ILogger logger)
    {
        DurableFiles.CreateDurableFolder(layout.Journal);
        JournalSegment[] segments = [new(Path.Combine(layout.Journal, "0"), capacity), new(Path.Combine(layout.Journal, "1"), capacity)];
        DurableFiles.SyncFolder(layout.Journal);
        var root = DurableFiles.OpenFolder(layout.Root);
        var left = segments.Select(segment => segment.Read()).OfType<JournalContent>().OrderBy(content => content.Generation).ToList();
        var restored = left.Where(content => content.Boot != boot).Sum(content => JournalRecovery.Run(layout, content));
        if (left.Count > 0)
        {
            DurableFiles.SyncFileSystem(root);
            foreach (var segment in segments)
            {
                segment.Clear(erase: true);
            }
        }

        if (restored > 0)
        {
            LogRestored(logger, restored);
        }

        return new DeliveryJournal(segments, root, boot, left.Select(content => content.Generation).DefaultIfEmpty().Max(), clock, logger);
    }

    /// <param name="whenDurable">
    /// Told the generation that holds it, to be given back to <see cref="Settle"/>; or 0 when it could not be written. Called on
    /// the journal's own thread, so it must not wait.
    /// </param>
    public void Append(JournalRecord record, Action<long> whenDurable)
    {
        lock (_gate)
        {
            _waiting.Enqueue((record, whenDurable));
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>The delivery's files have their names, or are gone again.</summary>
    public void Settle(long generation)
    {
        lock (_gate)
        {
            var segment = Array.Find(_segments, one => one.Generation == generation)!;
            if (--segment.Unsettled == 0)
            {
                Monitor.PulseAll(_gate);
            }
        }
    }

    /// <summary>Everything is synced, and the journal is empty. Nobody appends any more.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isStopping = true;
            Monitor.PulseAll(_gate);
        }

        _heartbeat.Dispose();
        _writer.Join();
        _syncer.Join();
        _root.Dispose();
        Array.ForEach(_segments, segment => segment.Dispose());
    }

    /// <summary>Nothing was written since the beat before.</summary>
    private void Beat()
    {
        lock (_gate)
        {
            if (_isQuiet)
            {
                Monitor.PulseAll(_gate);
            }

            _isQuiet = true;
        }
    }

    private void Write()
    {
        var batch = new List<(JournalRecord Record, Action<long> WhenDurable)>();
        while (Take(batch))
        {
            var generation = TryAppend(batch) ? _active.Generation : 0;
            foreach (var (_, whenDurable) in batch)
            {
                whenDurable(generation);
            }

            batch.Clear();
        }
    }

    /// <returns>False when there is nothing any more.</returns>
    private bool Take(List<(JournalRecord Record, Action<long> WhenDurable)> batch)
    {
        lock (_gate)
        {
            while (_waiting.Count == 0)
            {
                if (_isStopping)
                {
                    PutAside(erase: true);
                    _isWriterDone = true;
                    Monitor.PulseAll(_gate);
                    return false;
                }

                if (_isQuiet && _aside is null)
                {
                    PutAside(erase: true);
                }

                Monitor.Wait(_gate);
            }

            if (!_active.HasRoomFor(_waiting.Peek().Record.Length))
            {
                PutAside(erase: false);
            }

            _isQuiet = false;
            var length = 0;
            while (_waiting.TryPeek(out var next) && _active.HasRoomFor(length + next.Record.Length) && length < LongestWrite)
            {
                length += next.Record.Length;
                batch.Add(_waiting.Dequeue());
            }

            _active.Unsettled += batch.Count;
            return true;
        }
    }

    /// <summary>Goes on in the other segment, as soon as that is clear.</summary>
    private void PutAside(bool erase)
    {
        while (_aside is not null)
        {
            Monitor.Wait(_gate);
        }

        if (_active.Generation == 0)
        {
            return;
        }

        (_aside, _eraseAside) = (_active, erase);
        _active = _segments[_active == _segments[0] ? 1 : 0];
        Monitor.PulseAll(_gate);
    }

    private bool TryAppend(List<(JournalRecord Record, Action<long> WhenDurable)> batch)
    {
        try
        {
            if (!IsLost)
            {
                if (_active.Generation == 0)
                {
                    _active.Begin(++_generation, _boot);
                }

                _active.Append([.. batch.Select(one => one.Record)]);
                return true;
            }
        }
        catch (JournalLostException failed)
        {
            IsLost = true;
            LogLost(failed);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            LogNotWritten(failed);
        }

        lock (_gate)
        {
            _active.Unsettled -= batch.Count;
        }

        return false;
    }

    private void Sync()
    {
        while (true)
        {
            bool erase;
            lock (_gate)
            {
                while (_aside is null || _aside.Unsettled > 0)
                {
                    if (_isWriterDone && _aside is null)
                    {
                        return;
                    }

                    Monitor.Wait(_gate);
                }

                erase = _eraseAside;
            }

            try
            {
                DurableFiles.SyncFileSystem(_root);
                _aside.Clear(erase);
            }
            catch (IOException failed)
            {
                // What it holds stays in it and counts at the next start; nothing is added any more.
                IsLost = true;
                LogLost(failed);
            }

            lock (_gate)
            {
                _aside = null;
                Monitor.PulseAll(_gate);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "the machine went down while mail came; {Files} files of messages were written again from the journal")]
    private static partial void LogRestored(ILogger logger, int files);

    [LoggerMessage(Level = LogLevel.Critical, Message = "the disk refused to keep what it was given; messages are from now on synced one by one. Look at the disk, then restart the mail worker")]
    private partial void LogLost(Exception failed);

    [LoggerMessage(Level = LogLevel.Error, Message = "the journal could not be written; the senders were told to try again")]
    private partial void LogNotWritten(Exception failed);
}
