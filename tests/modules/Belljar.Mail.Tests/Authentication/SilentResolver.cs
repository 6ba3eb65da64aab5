using Belljar.Net.Dns;
using Belljar.Protocols.Dns;

namespace Belljar.Mail.Tests.Authentication;

/// <summary>A server that never answers.</summary>
internal sealed class SilentResolver : IDnsResolver
{
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Asked => _asked.Task;

    public async ValueTask<DnsAnswer> QueryAsync(DnsName name, DnsType type, CancellationToken ct)
    {
        _asked.TrySetResult();
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct);
        throw new InvalidOperationException("It does not answer.");
    }
}
