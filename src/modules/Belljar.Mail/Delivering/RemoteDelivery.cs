using System.Net;
using Belljar.Mail.Outgoing;
using Belljar.Mail.Outgoing.Queue;
using Belljar.Net;
using Belljar.Protocols.Smtp;
using Belljar.Protocols.SmtpClient;

namespace Belljar.Mail.Delivering;

/// <summary>
/// To other servers:
/// <code>
/// domain → smarthost, or MTA-STS policy → MX hosts → addresses → judged → dialled (or a connection at rest) → one transaction
/// </code>
/// The next address or host is tried when nobody spoke to us, not when somebody refused; and never when the whole message was sent
/// and its answer is missing: it may have been taken.
/// </summary>
internal sealed class RemoteDelivery(
    string hostName, OutgoingOptions options, MxLookup lookup, MtaStsPolicies sts, AddressJudge judge, IDialler dialler, SmtpConnections connections, TimeProvider clock)
    : IDelivery
{
    private const int MailPort = 25;
    private const int MostAddresses = 8;

    public async Task<IReadOnlyList<RecipientOutcome>> DeliverAsync(
        QueuedMessage message, string domain, IReadOnlyList<QueuedRecipient> recipients, CancellationToken ct)
    {
        var route = options.Smarthost is null ? domain : "";
        var envelope = Envelope(message, recipients);
        if (connections.TryTake(route, out var resting))
        {
            var reused = await SendAsync(resting, route, envelope, message, recipients, ct);
            if (reused is not null)
            {
                return reused;
            }
        }

        var (targets, nobody) = options.Smarthost is { } smarthost ? await SmarthostAsync(smarthost, ct) : await TargetsAsync(domain, ct);
        if (targets is [])
        {
            return All(recipients, nobody!.IsTemporary ? AttemptVerdict.Deferred : AttemptVerdict.Failed, nobody.Reason, nobody.Status);
        }

        var problem = "";
        foreach (var target in targets)
        {
            var connection = await OpenAsync(target, ct);
            if (!connection.IsOpen)
            {
                problem = connection.Problem;
                await connection.DisposeAsync();
                continue;
            }

            if (await SendAsync(connection, route, envelope, message, recipients, ct) is { } outcomes)
            {
                return outcomes;
            }

            problem = connection.Problem;
        }

        return All(recipients, AttemptVerdict.Deferred, problem, "4.4.1");
    }

    /// <summary>Without TLS once more where a handshake fails that nothing demanded.</summary>
    private async Task<SmtpClientConnection> OpenAsync(SmtpTarget target, CancellationToken ct)
    {
        var connection = await SmtpClientConnection.OpenAsync(target, hostName, options, dialler, clock, ct);
        if (connection.IsOpen || !connection.HasFailedHandshake || target.Tls == SmtpTlsPolicy.Required || target.IsImplicitTls)
        {
            return connection;
        }

        await connection.DisposeAsync();
        return await SmtpClientConnection.OpenAsync(target with { Tls = SmtpTlsPolicy.Never }, hostName, options, dialler, clock, ct);
    }

    /// <returns>Null where the connection broke before the message was on its way: another one may be tried.</returns>
    private async Task<IReadOnlyList<RecipientOutcome>?> SendAsync(
        SmtpClientConnection connection, string route, SmtpEnvelope envelope, QueuedMessage message, IReadOnlyList<QueuedRecipient> recipients, CancellationToken ct)
    {
        var results = await connection.SendAsync(envelope, message.Raw, ct);
        await connections.GiveBackAsync(route, connection);
        return results.All(result => result is { Failure: SmtpClientFailure.ServiceClosing, Phase: not (SmtpPhase.Data or SmtpPhase.EndOfData) })
            ? null
            : [.. results.Select((result, at) => Outcome(result, recipients[at], connection))];
    }

    private static RecipientOutcome Outcome(SmtpRecipientResult result, QueuedRecipient recipient, SmtpClientConnection connection)
    {
        var host = connection.Target.Host;
        var verdict = result.Verdict switch
        {
            SmtpVerdict.Accepted => AttemptVerdict.Delivered,
            SmtpVerdict.Permanent => AttemptVerdict.Failed,
            _ => AttemptVerdict.Deferred,
        };
        if (result.Reply is not { } reply)
        {
            return new RecipientOutcome(recipient, verdict, result.Failure switch
            {
                SmtpClientFailure.NeedsSmtpUtf8 => $"{host} does not take addresses and headers beyond ASCII (SMTPUTF8)",
                SmtpClientFailure.NeedsEightBitMime => $"{host} does not take 8-bit bodies (8BITMIME)",
                SmtpClientFailure.TooLarge => $"the message is larger than {host} takes",
                _ => connection.Problem,
            },
            result.Failure switch
            {
                SmtpClientFailure.NeedsSmtpUtf8 => "5.6.7",
                SmtpClientFailure.NeedsEightBitMime => "5.6.3",
                SmtpClientFailure.TooLarge => "5.3.4",
                _ => "4.4.2",
            });
        }

        var kind = verdict switch { AttemptVerdict.Delivered => '2', AttemptVerdict.Failed => '5', _ => '4' };
        var status = reply.Enhanced is { } enhanced && enhanced.ToString()[0] == kind ? enhanced.ToString() : $"{kind}.0.0";
        return new RecipientOutcome(
            recipient, verdict, $"{reply} [{host}{(connection.IsSecure ? ", TLS" : "")}]", status, host,
            Suppresses: result is { Phase: SmtpPhase.Rcpt, Verdict: SmtpVerdict.Permanent } && IsAboutTheAddress(reply));
    }

    /// <summary>RFC 3463, X.1.1 and its like: the address is bad, whoever writes. A refusal of us or of the message is not that.</summary>
    private static bool IsAboutTheAddress(SmtpServerReply reply) => reply.Enhanced is { } status
        ? status is { Subject: 1, Detail: 1 or 2 or 3 or 6 or 10 }
        : reply.Code == 550;

    private static SmtpEnvelope Envelope(QueuedMessage message, IReadOnlyList<QueuedRecipient> recipients) => new()
    {
        From = message.Sender.Length == 0 ? null : Parse(message.Sender),
        Recipients = [.. recipients.Select(recipient => new SmtpEnvelopeRecipient(Parse(recipient.Address), recipient.Address))],
        Size = message.Raw.Length,
        IsEightBit = message.IsEightBit,
        IsUtf8 = message.IsUtf8,
        EnvelopeId = message.Id,
        WantsReports = message.Sender.Length > 0,
    };

    private static SmtpAddress Parse(string stored) => OutgoingMessageReader.TryAddress(stored, out var address)
        ? address
        : throw new InvalidOperationException("The queue holds an address that is none.");

    private async Task<(List<SmtpTarget> Targets, MxHosts? Nobody)> TargetsAsync(string domain, CancellationToken ct)
    {
        if (domain.StartsWith('['))
        {
            return Literal(domain);
        }

        var hosts = await lookup.FindAsync(domain, ct);
        if (hosts.Hosts is [])
        {
            return ([], hosts);
        }

        var policy = await sts.FindAsync(domain, ct);
        var isEnforced = policy is { Mode: MtaStsMode.Enforce };
        var targets = new List<SmtpTarget>();
        var isTemporary = false;
        var reason = $"no mail server of {domain} has an address";
        foreach (var host in hosts.Hosts)
        {
            if (isEnforced && !policy!.Allows(host))
            {
                // RFC 8461, 5: it may be the network that lies; so the message waits.
                (isTemporary, reason) = (true, $"{host} is no mail server that the policy of {domain} names (MTA-STS)");
                continue;
            }

            var (addresses, isUnknown) = await lookup.AddressesAsync(host, options.UseIPv6, ct);
            isTemporary |= isUnknown;
            foreach (var address in addresses)
            {
                if (judge.MayDial(address, options.AllowedNetworks, out var found))
                {
                    targets.Add(new SmtpTarget(
                        host, new IPEndPoint(AddressJudge.Normalize(address), MailPort), isEnforced ? SmtpTlsPolicy.Required : SmtpTlsPolicy.WhenOffered,
                        IsImplicitTls: false, IsVerified: isEnforced, Login: null));
                }
                else
                {
                    reason = $"{host} is at an address that mail is not sent to ({found.ToString().ToLowerInvariant()})";
                }
            }
        }

        return (targets[..Math.Min(targets.Count, MostAddresses)], new MxHosts([], isTemporary, reason, isTemporary ? "4.4.3" : "5.4.4"));
    }

    private (List<SmtpTarget> Targets, MxHosts? Nobody) Literal(string domain)
    {
        var text = domain.Trim('[', ']');
        var address = IPAddress.Parse(text.StartsWith("IPv6:", StringComparison.OrdinalIgnoreCase) ? text[5..] : text);
        return judge.MayDial(address, options.AllowedNetworks, out var found)
            ? ([new SmtpTarget(text, new IPEndPoint(AddressJudge.Normalize(address), MailPort), SmtpTlsPolicy.WhenOffered, false, false, null)], null)
            : ([], new MxHosts([], Reason: $"{domain} is an address that mail is not sent to ({found.ToString().ToLowerInvariant()})", Status: "5.4.4"));
    }

    /// <summary>The operator named it: where it stands is his to know.</summary>
    private async Task<(List<SmtpTarget> Targets, MxHosts? Nobody)> SmarthostAsync(SmarthostOptions smarthost, CancellationToken ct)
    {
        SmtpCredentials? login = null;
        try
        {
            login = smarthost is { User: { } user, PasswordFile: { } file } ? new SmtpCredentials(user, (await File.ReadAllTextAsync(file, ct)).Trim()) : null;
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            return ([], new MxHosts([], IsTemporary: true, "the smarthost's password file cannot be read", "4.3.5"));
        }

        var (addresses, _) = SystemNameResolver.IsLocalhost(smarthost.Host)
            ? ([IPAddress.Loopback], false)
            : await lookup.AddressesAsync(smarthost.Host, options.UseIPv6, ct);
        var targets = addresses.Take(MostAddresses).Select(address => new SmtpTarget(
            smarthost.Host, new IPEndPoint(address, smarthost.Port), smarthost.Tls == SmarthostTls.None ? SmtpTlsPolicy.Never : SmtpTlsPolicy.Required,
            smarthost.Tls == SmarthostTls.Implicit, IsVerified: smarthost.Tls != SmarthostTls.None, login)).ToList();
        return (targets, new MxHosts([], IsTemporary: true, $"the smarthost {smarthost.Host} has no address", "4.4.3"));
    }

    private static IReadOnlyList<RecipientOutcome> All(IReadOnlyList<QueuedRecipient> recipients, AttemptVerdict verdict, string reason, string status) =>
        [.. recipients.Select(recipient => new RecipientOutcome(recipient, verdict, reason, status))];
}
