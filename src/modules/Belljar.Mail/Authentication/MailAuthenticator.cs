using Belljar.Mail.Authentication.Dkim;
using Belljar.Mail.Authentication.Dmarc;
using Belljar.Mail.Authentication.Spf;
using Belljar.Net.Dns;

namespace Belljar.Mail.Authentication;

/// <summary>
/// SPF, DKIM and DMARC of one message. Never throws for what a message or the DNS says. For many messages at once; of
/// one it keeps nothing but the keys that it has read.
/// </summary>
public sealed class MailAuthenticator(IDnsResolver dns, AuthenticationPolicy policy, TimeProvider clock)
{
    private readonly SpfVerifier _spf = new(dns, policy, clock);
    private readonly DkimVerifier _dkim = new(dns, policy, clock);
    private readonly DmarcVerifier _dmarc = new(dns, policy);

    /// <param name="rawMessage">As it came, to the byte: no trace fields of our own matter, but nothing may have been changed.</param>
    public async Task<AuthenticationResults> VerifyAsync(ReadOnlyMemory<byte> rawMessage, SmtpEnvelopeFacts facts, CancellationToken ct)
    {
        var head = MessageHead.TryRead(rawMessage);
        var spf = await InTimeAsync(
            token => _spf.VerifyAsync(facts, token),
            new SpfResult(SpfVerdict.TempError, facts.MailFrom.Length == 0 ? facts.Helo : facts.MailFrom[(facts.MailFrom.LastIndexOf('@') + 1)..], facts.MailFrom.Length == 0, "it took too long"),
            ct);
        if (head is null)
        {
            const string tooLong = "the header is too long";
            return new AuthenticationResults(spf, [new DkimResult(DkimVerdict.Neutral, tooLong)], new DmarcResult(DmarcVerdict.Fail, tooLong), null);
        }

        var dkim = await InTimeAsync(token => _dkim.VerifyAsync(head, token), [new DkimResult(DkimVerdict.TempError, "it took too long")], ct);
        if (!AuthorField.TryRead(head.Fields, out var author, out var reason))
        {
            return new AuthenticationResults(spf, dkim, new DmarcResult(DmarcVerdict.Fail, reason), null);
        }

        var dmarc = await InTimeAsync(
            token => _dmarc.VerifyAsync(author.AsciiDomain, spf, dkim, token), new DmarcResult(DmarcVerdict.TempError, "it took too long", author.AsciiDomain), ct);
        return new AuthenticationResults(spf, dkim, dmarc, author);
    }

    private async Task<T> InTimeAsync<T>(Func<CancellationToken, Task<T>> work, T late, CancellationToken ct)
    {
        using var deadline = new CancellationTokenSource(policy.Timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, ct);
        try
        {
            return await work(either.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return late;
        }
    }
}
