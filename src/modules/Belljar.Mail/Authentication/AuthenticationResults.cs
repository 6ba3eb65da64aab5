using Belljar.Mail.Authentication.Dkim;
using Belljar.Mail.Authentication.Dmarc;
using Belljar.Mail.Authentication.Spf;
using Belljar.Mime.Headers;

namespace Belljar.Mail.Authentication;

/// <summary>What is proven of a message, and what is not.</summary>
/// <param name="Dkim">One a signature, from the top of the message; a single one that says so where there is none.</param>
/// <param name="Author">The one address in From; null where there is none that all readers would agree on.</param>
public sealed record AuthenticationResults(SpfResult Spf, IReadOnlyList<DkimResult> Dkim, DmarcResult Dmarc, MailAddress? Author)
{
    /// <summary>Of a message that somebody handed in who had logged in: nobody's records are asked for it.</summary>
    public static AuthenticationResults OfLogin(ReadOnlyMemory<byte> rawMessage, string login, string mailFrom)
    {
        const string submitted = "submitted by somebody who logged in";
        MailAddress? author = null;
        _ = MessageHead.TryRead(rawMessage) is { } head && AuthorField.TryRead(head.Fields, out author, out _);
        return new AuthenticationResults(
            new SpfResult(SpfVerdict.None, mailFrom[(mailFrom.LastIndexOf('@') + 1)..], false, submitted),
            [new DkimResult(DkimVerdict.None, submitted)],
            new DmarcResult(DmarcVerdict.None, submitted, author?.AsciiDomain ?? ""),
            author)
        {
            Login = login,
        };
    }

    /// <summary>The domain in From vouches for the message (DMARC pass). A signature of any other domain does not make it so.</summary>
    public bool IsAligned => Dmarc.Verdict == DmarcVerdict.Pass && Author is not null;

    /// <summary>The mailbox whose password the client knew (RFC 4954); null where nobody logged in.</summary>
    public string? Login { get; init; }

    /// <summary>The result of DKIM in one word: the best proof that there is.</summary>
    public DkimVerdict DkimVerdict => Dkim.Any(result => result.IsProof) ? DkimVerdict.Pass : Dkim.FirstOrDefault(result => result.Verdict != DkimVerdict.Pass)?.Verdict ?? DkimVerdict.Neutral;

    /// <summary>
    /// An Authentication-Results field (RFC 8601), name and last CRLF included, to stand above everything that came. Fields of
    /// the same <paramref name="authservId"/> that came with the message are not ours and must be removed or disregarded (5).
    /// </summary>
    /// <param name="authservId">The name of this server.</param>
    public string ToHeader(string authservId) => AuthenticationResultsField.Write(this, authservId);
}
