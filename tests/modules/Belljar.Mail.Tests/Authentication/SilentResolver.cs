using Belljar.Net.Dns;
using Belljar.Protocols.Dns;

namespace Belljar.Mail.Tests.Authentication;

/// <summary>A server that never answers, or only what one zone knows beside a name.</summary>
internal sealed class SilentResolver(ZoneResolver? zone = null, string silentAbout = "") : IDnsResolver
{
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Asked => _asked.Task;

    public async ValueTask<DnsAnswer> QueryAsync(DnsName name, DnsType type, CancellationToken ct)
    {
        if (zone is not null && !name.Equals(DnsName.Parse(silentAbout)))
        {
            return await zone.QueryAsync(name, type, ct);
        }

        _asked.TrySetResult();
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct);
        throw new InvalidOperationException("It does not answer.");
    }
}
