using Belljar.Mail.Authentication.Dkim;
using Belljar.Mail.Authentication.Dmarc;
using Belljar.Mail.Authentication.Spf;
using Belljar.Net.Dns;

namespace Belljar.Mail.Authentication;

/// <summary>
/// SPF, DKIM and DMARC of one message, within one deadline. Never throws for what a message or the DNS says. For many
/// messages at once; of one it keeps nothing but the keys that it has read.
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
        var head = MessageHead.TryRead(rawMessage);

        // Side by side: neither needs the other, and both wait for servers that strangers chose.
        var checkingSpf = CheckSpfAsync(facts, either.Token, ct);
        var dkim = head is null
            ? [new DkimResult(DkimVerdict.Neutral, "the header is too long")]
            : await InTimeAsync(token => _dkim.VerifyAsync(head, token), [new DkimResult(DkimVerdict.TempError, TooLate)], either.Token, ct);
        var spf = await checkingSpf;
        if (head is null)
        {
            return new AuthenticationResults(spf, dkim, new DmarcResult(DmarcVerdict.Fail, dkim[0].Reason), null);
        }

        if (!AuthorField.TryRead(head.Fields, out var author, out var reason))
        {
            return new AuthenticationResults(spf, dkim, new DmarcResult(DmarcVerdict.Fail, reason), null);
        }

        var domain = author.AsciiDomain;
        if (facts.IsOwnMachine && dkim.All(result => !result.IsProof && result.Verdict != DkimVerdict.TempError))
        {
            return new AuthenticationResults(spf, dkim, new DmarcResult(DmarcVerdict.None, "nothing was proven that could be aligned", domain), author);
        }

        var dmarc = await InTimeAsync(
            token => _dmarc.VerifyAsync(domain, spf, dkim, token), new DmarcResult(DmarcVerdict.TempError, TooLate, domain), either.Token, ct);
        return new AuthenticationResults(spf, dkim, dmarc, author);
    }

    private Task<SpfResult> CheckSpfAsync(SmtpEnvelopeFacts facts, CancellationToken inTime, CancellationToken ct)
    {
        var isHelo = facts.MailFrom.Length == 0;
        var domain = isHelo ? facts.Helo : facts.MailFrom[(facts.MailFrom.LastIndexOf('@') + 1)..];
        return facts.IsOwnMachine
            ? Task.FromResult(new SpfResult(SpfVerdict.None, domain, isHelo, "the peer is this machine"))
            : InTimeAsync(token => _spf.VerifyAsync(facts, token), new SpfResult(SpfVerdict.TempError, domain, isHelo, TooLate), inTime, ct);
    }

    private static async Task<T> InTimeAsync<T>(Func<CancellationToken, Task<T>> work, T late, CancellationToken inTime, CancellationToken ct)
    {
        try
        {
            return await work(inTime);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return late;
        }
    }
}
