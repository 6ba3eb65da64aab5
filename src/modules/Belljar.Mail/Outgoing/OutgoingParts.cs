using Belljar.Mail.Delivering;
using Belljar.Mail.Outgoing.Queue;
using Belljar.Mail.Storage;
using Belljar.Net;
using Belljar.Net.Dns;

namespace Belljar.Mail.Outgoing;

/// <summary>What reaches out of this process; tests put their own in.</summary>
internal sealed record OutgoingParts
{
    public required IDnsResolver Dns { get; init; }

    public required IDialler Dialler { get; init; }

    public required IOwnAddresses OwnAddresses { get; init; }

    public IMailGate Gate { get; init; } = new OpenMailGate();

    /// <summary>Shared with whoever else changes messages that are stored.</summary>
    public MailboxLocks Locks { get; init; } = new();

    /// <summary>Told of each message of a mailbox when its sending is over. Never waits.</summary>
    public Action<SentMessage> Ended { get; init; } = _ => { };

    /// <summary>Null: over HTTPS.</summary>
    public IMtaStsFetcher? PolicyFetcher { get; init; }

    public required TimeProvider Clock { get; init; }
}
