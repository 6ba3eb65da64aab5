using Belljar.Mail.Routing;
using Belljar.Mail.Storage;
using Belljar.Protocols.Smtp;

namespace Belljar.Mail.Smtp;

/// <summary>Messages of one sender's address in an hour, wherever they come from. The null sender is everybody's and not counted.</summary>
/// <param name="perHour">0 for as many as it likes.</param>
internal sealed class SenderRate(int perHour, TimeProvider clock)
{
    private readonly TokenBuckets _buckets = new(perHour, TimeSpan.FromHours(1), clock);

    public bool TryTake(SmtpAddress? sender)
    {
        if (perHour == 0 || sender is null)
        {
            return true;
        }

        var address = AddressPattern.Of(sender);
        return _buckets.TryTake(MessageKey.HashId($"{address.LocalPart}@{address.Domain}"));
    }
}
