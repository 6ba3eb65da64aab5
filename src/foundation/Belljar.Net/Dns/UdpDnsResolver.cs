using Belljar.Protocols.Dns;

namespace Belljar.Net.Dns;

/// <summary>
/// A stub resolver (RFC 1034, 5.3.1) for recursive servers: UDP with TCP for what is cut, EDNS(0), timeouts and retries, a
/// bounded cache by time to live that keeps negative answers too (RFC 2308), aliases followed a bounded number of times.
/// Queries for the same question at the same time are one query.
/// </summary>
public sealed class UdpDnsResolver(DnsResolverOptions options, TimeProvider clock) : IDnsResolver
{
    /// <summary>RFC 1034, 3.6.2 wants loops found; real chains have two or three links.</summary>
    private const int MostAliases = 8;

    /// <summary>Records of an answer that are handed on.</summary>
    private const int MostRecords = 256;

    private readonly DnsCache _cache = new(options.MostCached, clock);
    private readonly DnsExchange _exchange = new(options, clock);
    private readonly Lock _lock = new();
    private readonly Dictionary<DnsQuestion, Task<DnsAnswer>> _underWay = [];

    public ValueTask<DnsAnswer> QueryAsync(DnsName name, DnsType type, CancellationToken ct)
    {
        var question = new DnsQuestion(name, type);
        return _cache.TryGet(question, out var cached) ? ValueTask.FromResult(cached!) : new ValueTask<DnsAnswer>(JoinAsync(question, ct));
    }

    /// <summary>The shared query ends by its own timeouts; a caller that gives up only stops waiting.</summary>
    private Task<DnsAnswer> JoinAsync(DnsQuestion question, CancellationToken ct)
    {
        Task<DnsAnswer>? shared;
        lock (_lock)
        {
            if (!_underWay.TryGetValue(question, out shared))
            {
                shared = Task.Run(() => ResolveAndForgetAsync(question), CancellationToken.None);
                _underWay[question] = shared;
            }
        }

        return shared.WaitAsync(ct);
    }

    /// <summary>Forgets before it completes: nobody may join a query that has its answer already.</summary>
    private async Task<DnsAnswer> ResolveAndForgetAsync(DnsQuestion question)
    {
        try
        {
            return await ResolveAsync(question);
        }
        finally
        {
            lock (_lock)
            {
                _underWay.Remove(question);
            }
        }
    }

    private async Task<DnsAnswer> ResolveAsync(DnsQuestion question)
    {
        var isAuthentic = options.TrustAuthenticBit;
        var time = options.LongestCached;
        var name = question.Name;
        for (var queries = 0; queries < MostAliases; queries++)
        {
            var message = await AskAllAsync(question with { Name = name });
            if (message is null)
            {
                return DnsAnswer.Failure("no usable answer from any resolver");
            }

            isAuthentic &= message.IsAuthentic;
            if (!TryFollow(message, question.Type, ref name, ref time))
            {
                return DnsAnswer.Failure("a loop of aliases");
            }

            var records = Records(message, name, question.Type);
            if (records is not [])
            {
                return Keep(question, DnsAnswer.Of(records, isAuthentic), Shorter(time, records.Min(record => record.TimeToLive)));
            }

            if (message.ResponseCode == DnsResponseCode.NameError)
            {
                return Keep(question, DnsAnswer.NxDomain(isAuthentic), NegativeTime(message, time));
            }

            // A chain that ends in a name of which the answer says nothing: ask for that one.
            if (name.Equals(question.Name) || !message.Answers.Any(record => record.Data is NameData && record.Type == DnsType.CName))
            {
                return Keep(question, DnsAnswer.NoData(isAuthentic), NegativeTime(message, time));
            }
        }

        return DnsAnswer.Failure("too many aliases");
    }

    private async Task<DnsMessage?> AskAllAsync(DnsQuestion question)
    {
        for (var round = 0; round < options.Rounds; round++)
        {
            foreach (var server in options.Servers)
            {
                var message = await _exchange.AskAsync(server, question, CancellationToken.None);
                if (message is { ResponseCode: DnsResponseCode.NoError or DnsResponseCode.NameError })
                {
                    return message;
                }
            }
        }

        return null;
    }

    /// <summary>Follows the aliases of one answer, whatever their order; false for a loop.</summary>
    private static bool TryFollow(DnsMessage message, DnsType type, ref DnsName name, ref TimeSpan time)
    {
        if (type == DnsType.CName)
        {
            return true;
        }

        for (var links = 0; links <= MostAliases; links++)
        {
            var here = name;
            var alias = message.Answers.FirstOrDefault(record => record.Type == DnsType.CName && record.Name.Equals(here));
            if (alias?.Data is not NameData target)
            {
                return true;
            }

            name = target.Target;
            time = Shorter(time, alias.TimeToLive);
        }

        return false;
    }

    /// <summary>Only what belongs to the name that was asked for (or what it is an alias of): all else may be poison.</summary>
    private static List<DnsRecord> Records(DnsMessage message, DnsName name, DnsType type) =>
        [.. message.Answers.Where(record => record.Type == type && record.Name.Equals(name)).Take(MostRecords)];

    private TimeSpan NegativeTime(DnsMessage message, TimeSpan time)
    {
        var soa = message.Authorities.FirstOrDefault(record => record.Data is SoaData);
        return soa?.Data is SoaData data
            ? Shorter(time, Math.Min(soa.TimeToLive, data.Minimum))
            : time < options.NegativeCached ? time : options.NegativeCached;
    }

    private static TimeSpan Shorter(TimeSpan time, uint seconds) => seconds < time.TotalSeconds ? TimeSpan.FromSeconds(seconds) : time;

    private DnsAnswer Keep(DnsQuestion question, DnsAnswer answer, TimeSpan time)
    {
        _cache.Store(question, answer, time);
        return answer;
    }
}
