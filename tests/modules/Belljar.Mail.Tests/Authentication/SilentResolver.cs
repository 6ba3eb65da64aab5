using Belljar.Net.Dns;
using Belljar.Protocols.Dns;

namespace Belljar.Mail.Tests.Authentication;

/// <summary>A server that never answers, or only what one zone knows beside a name.</summary>
/// <param name="awaited">A name of the zone: only when it was answered too, <see cref="Asked"/> is complete.</param>
internal sealed class SilentResolver(ZoneResolver? zone = null, string silentAbout = "", string? awaited = null) : IDnsResolver
{
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>It was asked for what it does not answer.</summary>
    public Task Asked => awaited is null ? _asked.Task : Task.WhenAll(_asked.Task, _answered.Task);

    public async ValueTask<DnsAnswer> QueryAsync(DnsName name, DnsType type, CancellationToken ct)
    {
        if (zone is not null && !name.Equals(DnsName.Parse(silentAbout)))
        {
            var answer = await zone.QueryAsync(name, type, ct);
            if (awaited is not null && name.Equals(DnsName.Parse(awaited)))
            {
                _answered.TrySetResult();
            }

            return answer;
        }

        _asked.TrySetResult();
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct);
        throw new InvalidOperationException("It does not answer.");
    }
}
