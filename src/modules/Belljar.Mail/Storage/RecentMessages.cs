namespace Belljar.Mail.Storage;

internal enum Novelty
{
    New,

    /// <summary>Already stored within the last 24 h.</summary>
    Duplicate,

    /// <summary>The same message is being stored at this moment; whether it will be is not known yet.</summary>
    UnderWay,

    /// <summary>The mailbox is being deleted.</summary>
    Closed,
}

/// <summary>
/// Remembers what one mailbox received within 24 h. The files are its memory: after a restart it reads the ids of the
/// raw messages again, and a body only when an id comes a second time. The mailbox's lock guards it.
/// </summary>
internal sealed class RecentMessages(string mailboxFolder)
{
    public static readonly TimeSpan Window = TimeSpan.FromHours(24);

    /// <summary>Beyond it the oldest is forgotten: a duplicate would then be stored twice, which loses nothing.</summary>
    private const int Most = 100_000;

    // When it was stored; null while it is being stored.
    private readonly Dictionary<MessageKey, DateTimeOffset?> _known = [];
    private readonly Queue<(MessageKey Key, DateTimeOffset Time)> _oldestFirst = new();
    private readonly Dictionary<UInt128, List<string>> _onDisk = [];
    private bool _isLoaded;

    public Novelty Begin(MessageKey key, DateTimeOffset now)
    {
        Load(now);
        Forget(now);
        ReadBodies(key.Id);
        if (_known.TryGetValue(key, out var stored))
        {
            if (stored is null)
            {
                return Novelty.UnderWay;
            }

            if (now - stored <= Window)
            {
                return Novelty.Duplicate;
            }
        }

        _known[key] = null;
        return Novelty.New;
    }

    public void End(MessageKey key, bool stored, DateTimeOffset now)
    {
        if (stored)
        {
            Remember(key, now);
        }
        else
        {
            _known.Remove(key);
        }
    }

    private void Remember(MessageKey key, DateTimeOffset time)
    {
        _known[key] = time;
        _oldestFirst.Enqueue((key, time));
    }

    private void Forget(DateTimeOffset now)
    {
        while (_oldestFirst.TryPeek(out var oldest) && (_oldestFirst.Count > Most || now - oldest.Time > Window))
        {
            _oldestFirst.Dequeue();
            if (_known.TryGetValue(oldest.Key, out var stored) && stored == oldest.Time)
            {
                _known.Remove(oldest.Key);
            }
        }
    }

    private void Load(DateTimeOffset now)
    {
        if (_isLoaded)
        {
            return;
        }

        _isLoaded = true;
        var recent = Directory.EnumerateFiles(MailLayout.Raw(mailboxFolder), "*" + MailLayout.RawExtension)
            .Select(file => Path.GetFileNameWithoutExtension(file))
            .Where(stem => MessageStem.TimeOf(stem) is { } time && now - time <= Window)
            .Where(IsListed)
            .OrderDescending(StringComparer.Ordinal)
            .Take(Most);
        foreach (var stem in recent)
        {
            if (RawMessage.ReadMessageId(MailLayout.RawFile(mailboxFolder, stem)) is { } id)
            {
                var hash = MessageKey.HashId(id);
                if (!_onDisk.TryGetValue(hash, out var stems))
                {
                    _onDisk[hash] = stems = [];
                }

                stems.Add(stem);
            }
        }
    }

    /// <summary>
    /// The raw message gets its name first: killed before the message got its own, we acknowledged nothing and have nothing
    /// to show, so that the sender's second try is no duplicate.
    /// </summary>
    private bool IsListed(string stem) =>
        File.Exists(MailLayout.PlainFile(mailboxFolder, stem)) || File.Exists(MailLayout.FileWithAttachments(mailboxFolder, stem));

    /// <summary>The id was received before the restart: now its bodies matter.</summary>
    private void ReadBodies(UInt128 id)
    {
        if (!_onDisk.Remove(id, out var stems))
        {
            return;
        }

        foreach (var stem in stems)
        {
            if (RawMessage.ReadBodyHash(MailLayout.RawFile(mailboxFolder, stem)) is { } body)
            {
                Remember(new MessageKey(id, body), MessageStem.TimeOf(stem)!.Value);
            }
        }
    }
}
