using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Belljar.Mail.Routing;
using Belljar.Mail.Storage;
using Belljar.Protocols.Smtp;
using Microsoft.Extensions.Logging;

namespace Belljar.Mail.Smtp;

/// <summary>
/// Lets a stranger's first try wait (RFC 6647): a server comes again, and much that only sends spam does not. Known is who,
/// from where and to whom; the network counts, since large senders come again from a neighbour.
/// </summary>
/// <remarks>
/// Written to its file once a minute and at the end, so that a restart makes nobody wait again; what a crash forgets costs
/// one more try. Bounded: at the bound those still waiting are forgotten first.
/// </remarks>
internal sealed partial class Greylist : IDisposable
{
    /// <summary>Who comes later than this after his first try begins anew.</summary>
    private static readonly TimeSpan PatienceOfSenders = TimeSpan.FromDays(2);

    private static readonly TimeSpan RememberedFor = TimeSpan.FromDays(36);
    private static readonly TimeSpan SavedEvery = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Lock _saving = new();
    private readonly Dictionary<UInt128, Known> _known = [];
    private readonly TimeSpan _delay;
    private readonly int _most;
    private readonly string _file;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private bool _isChanged;

    public Greylist(TimeSpan delay, string file, TimeProvider clock, ILogger logger, int most = 100_000)
    {
        (_delay, _file, _clock, _logger, _most) = (delay, file, clock, logger, most);
        Load();
        _timer = clock.CreateTimer(_ => Save(), null, SavedEvery, SavedEvery);
    }

    /// <summary>Whether this sender may send to this recipient now.</summary>
    public bool Lets(IPAddress peer, SmtpAddress? sender, SmtpAddress recipient)
    {
        var from = sender is null ? "" : Text(sender);
        var key = MessageKey.HashId($"{NetworkOf(peer)} {from} {Text(recipient)}");
        var now = _clock.GetUtcNow();
        lock (_lock)
        {
            var known = _known.TryGetValue(key, out var found) && !IsOver(found, now) ? found : new Known(now, now, false);
            var passes = known.HasPassed || now - known.First >= _delay;
            if (!_known.ContainsKey(key) && _known.Count >= _most)
            {
                Forget(now);
            }

            _known[key] = known with { Last = now, HasPassed = passes };
            _isChanged = true;
            return passes;
        }
    }

    public void Dispose()
    {
        _timer.Dispose();
        Save();
    }

    private static string Text(SmtpAddress address) => AddressPattern.Of(address) is var folded ? $"{folded.LocalPart}@{folded.Domain}" : "";

    private static IPNetwork NetworkOf(IPAddress peer)
    {
        var bytes = peer.GetAddressBytes();
        var kept = peer.AddressFamily is AddressFamily.InterNetwork ? 3 : 8;
        bytes.AsSpan(kept).Clear();
        return new IPNetwork(new IPAddress(bytes), kept * 8);
    }

    private static bool IsOver(Known known, DateTimeOffset now) => now - known.Last > (known.HasPassed ? RememberedFor : PatienceOfSenders);

    private void Forget(DateTimeOffset now)
    {
        Remove(known => IsOver(known, now));
        if (_known.Count >= _most)
        {
            Remove(known => !known.HasPassed);
        }

        if (_known.Count >= _most)
        {
            _known.Clear();
        }

        void Remove(Predicate<Known> isOver)
        {
            foreach (var (key, _) in _known.Where(entry => isOver(entry.Value)).ToList())
            {
                _known.Remove(key);
            }
        }
    }

    /// <summary>A line that is none is passed over: the file is a convenience.</summary>
    private void Load()
    {
        if (!File.Exists(_file))
        {
            return;
        }

        foreach (var line in File.ReadLines(_file).Take(_most))
        {
            if (line.Split(' ') is [var key, var first, var last, ("0" or "1") and var passed]
                && UInt128.TryParse(key, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var number)
                && TryTime(first, out var firstTime) && TryTime(last, out var lastTime))
            {
                _known[number] = new Known(firstTime, lastTime, passed == "1");
            }
        }
    }

    private static bool TryTime(string text, out DateTimeOffset time)
    {
        var isTime = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds < 253_402_300_800;
        time = isTime ? DateTimeOffset.FromUnixTimeSeconds(seconds) : default;
        return isTime;
    }

    private void Save()
    {
        lock (_saving)
        {
            List<string> lines;
            lock (_lock)
            {
                if (!_isChanged)
                {
                    return;
                }

                _isChanged = false;
                lines = [.. _known.Select(entry => string.Create(
                    CultureInfo.InvariantCulture,
                    $"{entry.Key:x32} {entry.Value.First.ToUnixTimeSeconds()} {entry.Value.Last.ToUnixTimeSeconds()} {(entry.Value.HasPassed ? 1 : 0)}"))];
            }

            try
            {
                File.WriteAllLines(_file + ".tmp", lines);
                File.Move(_file + ".tmp", _file, overwrite: true);
            }
            catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
            {
                LogNotSaved(failed);
            }
        }
    }

    private readonly record struct Known(DateTimeOffset First, DateTimeOffset Last, bool HasPassed);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the greylist could not be saved")]
    private partial void LogNotSaved(Exception failed);
}
