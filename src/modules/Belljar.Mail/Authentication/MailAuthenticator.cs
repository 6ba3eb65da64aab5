using Belljar.Mail.Authentication.Dkim;
using Belljar.Mail.Authentication.Dmarc;
using Belljar.Mail.Authentication.Spf;
using Belljar.Net.Dns;

namespace Belljar.Mail.Authentication;

/// <summary>
/// SPF, DKIM and DMARC of one message, side by side and within one deadline: they wait for servers that strangers chose,
/// and what one of them does not say in time takes nothing from what the others said. Never throws for what a message or
/// the DNS says. For many messages at once; of one it keeps nothing but the keys that it has read.
/// </summary>
public sealed class MailAuthenticator(IDnsResolver dns, AuthenticationPolicy policy, TimeProvider clock)
{
    private const string TooLate = "it took too long";

    private readonly SpfVerifier _spf = new(dns, policy, clock);
    private readonly DkimVerifier _dkim = new(dns, policy, clock);
    private readonly DmarcVerifier _dmarc = new(dns, policy);

    /// <param name="rawMessage">As it came, to the byte: no trace fields of our own matter, but nothing may have been changed.</param>
    public async Task<AuthenticationResults> VerifyAsync(ReadOnlyMemory<byte> rawMessage, SmtpEnvelopeFacts facts, CancellationToken ct)
    {
        using var deadline = new CancellationTokenSource(facts.IsOwnMachine ? policy.OwnMachineTimeout : policy.Timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, ct);
        var inTime = either.Token;
        var results = MessageHead.TryRead(rawMessage) is { } head
            ? await VerifyAsync(head, facts, inTime)
            : Unreadable(await CheckSpfAsync(facts, inTime));
        ct.ThrowIfCancellationRequested();
        return results;
    }

    private async Task<AuthenticationResults> VerifyAsync(MessageHead head, SmtpEnvelopeFacts facts, CancellationToken inTime)
    {
        var hasAuthor = AuthorField.TryRead(head.Fields, out var author, out var reason);
        var isAsked = hasAuthor && (!facts.IsOwnMachine || head.Fields.All("DKIM-Signature").Any());
        var spf = CheckSpfAsync(facts, inTime);
        var lookup = isAsked ? LookUpPolicyAsync(author!.AsciiDomain, inTime) : null;
        var dkim = await _dkim.VerifyAsync(head, inTime);
        var dmarc = lookup is not null ? _dmarc.Judge(await lookup, await spf, dkim)
            : author is not null ? new DmarcResult(DmarcVerdict.None, "nothing was proven that could be aligned", author.AsciiDomain)
            : new DmarcResult(DmarcVerdict.Fail, reason);
        return new AuthenticationResults(await spf, dkim, dmarc, author);
    }

    private static AuthenticationResults Unreadable(SpfResult spf)
    {
        const string tooLong = "the header is too long";
        return new AuthenticationResults(spf, [new DkimResult(DkimVerdict.Neutral, tooLong)], new DmarcResult(DmarcVerdict.Fail, tooLong), null);
    }

    private async Task<SpfResult> CheckSpfAsync(SmtpEnvelopeFacts facts, CancellationToken inTime)
    {
        var isHelo = facts.MailFrom.Length == 0;
        var domain = isHelo ? facts.Helo : facts.MailFrom[(facts.MailFrom.LastIndexOf('@') + 1)..];
        if (facts.IsOwnMachine)
        {
            return new SpfResult(SpfVerdict.None, domain, isHelo, "the peer is this machine");
        }

        try
        {
            return await _spf.VerifyAsync(facts, inTime);
        }
        catch (OperationCanceledException)
        {
            return new SpfResult(SpfVerdict.TempError, domain, isHelo, TooLate);
        }
    }

    private async Task<DmarcLookup> LookUpPolicyAsync(string domain, CancellationToken inTime)
    {
        try
        {
            return await _dmarc.LookUpAsync(domain, inTime);
        }
        catch (OperationCanceledException)
        {
            return new DmarcLookup(domain, null, TooLate, IsOfOrganisation: false);
        }
    }
}
