namespace Belljar.Mail.Storage;

/// <summary>
/// One mailbox's state in this process. Its lock is held for decisions in memory and for looking at names, not for
/// writing: each message has its name reserved, so no two writers meet in one file.
/// </summary>
internal sealed class Mailbox
{
    private static readonly TimeSpan UsageIsFreshFor = TimeSpan.FromSeconds(60);

    private readonly Lock _lock = new();
    private readonly RecentMessages _recent;
    private readonly HashSet<string> _reserved = [];
    private readonly Dictionary<string, int> _lastNumbers = [];
    private DateTimeOffset _numbersOf;
    private long _usedBytes;
    private DateTimeOffset _usageOf = DateTimeOffset.MinValue;
    private bool _isClosed;

    public Mailbox(MailboxOptions options, string folder)
    {
        Options = options;
        Folder = folder;
        _recent = new RecentMessages(folder);
    }

    public MailboxOptions Options { get; }

    public string Folder { get; }

    /// <summary>Decides whether the message is new here, and gives it a name that nobody else gets.</summary>
    /// <param name="stem">The name that it should have; numbered when it is taken.</param>
    /// <param name="reservation">Null unless the message is new.</param>
    public Novelty Reserve(string stem, MessageKey? key, DateTimeOffset now, out Reservation? reservation)
    {
        lock (_lock)
        {
            if (_isClosed)
            {
                reservation = null;
                return Novelty.Closed;
            }

            var novelty = key is { } known ? _recent.Begin(known, now) : Novelty.New;
            reservation = novelty is Novelty.New ? new Reservation(FreeName(stem, now), key) : null;
            return novelty;
        }
    }

    /// <summary>Takes nothing any more.</summary>
    /// <returns>False when something is being stored.</returns>
    public bool TryClose()
    {
        lock (_lock)
        {
            return _isClosed = _reserved.Count == 0;
        }
    }

    public void Reopen()
    {
        lock (_lock)
        {
            _isClosed = false;
        }
    }

    public void Release(Reservation reservation, bool stored, long bytes, DateTimeOffset now)
    {
        lock (_lock)
        {
            _reserved.Remove(reservation.Stem);
            _usedBytes += stored ? bytes : 0;
            if (reservation.Key is { } key)
            {
                _recent.End(key, stored, now);
            }
        }
    }

    /// <summary>Whether so many bytes more would be too many. What was deleted by hand is noticed after a minute.</summary>
    public bool IsOverQuota(long more, DateTimeOffset now)
    {
        if (Options.QuotaBytes is not { } quota)
        {
            return false;
        }

        lock (_lock)
        {
            if (_usageOf == DateTimeOffset.MinValue || (_usedBytes + more > quota && now - _usageOf > UsageIsFreshFor))
            {
                _usedBytes = new DirectoryInfo(Folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
                _usageOf = now;
            }

            return _usedBytes + more > quota;
        }
    }

    private string FreeName(string stem, DateTimeOffset now)
    {
        // A name begins with its second, so the numbers given in an earlier one are of no use.
        if (now - _numbersOf > TimeSpan.FromSeconds(2))
        {
            _lastNumbers.Clear();
            _numbersOf = now;
        }

        for (var n = _lastNumbers.GetValueOrDefault(stem) + 1; ; n++)
        {
            var name = MessageStem.Numbered(stem, n);
            if (IsFree(name) && _reserved.Add(name))
            {
                _lastNumbers[stem] = n;
                return name;
            }
        }
    }

    private bool IsFree(string name) =>
        !File.Exists(MailLayout.PlainFile(Folder, name))
        && !Path.Exists(Path.Combine(Folder, name))
        && !File.Exists(MailLayout.RawFile(Folder, name));
}

/// <summary>A name, and a place in the memory of duplicates, held while a message is written.</summary>
internal sealed record Reservation(string Stem, MessageKey? Key);
