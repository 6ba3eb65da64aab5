using System.Diagnostics.CodeAnalysis;
using Belljar.Mime.Headers;
using Belljar.Protocols.Dns;

namespace Belljar.Mail.Authentication.Dmarc;

/// <summary>
/// The one address that a message is from. Where two readers could see two senders there is none: several From fields, several
/// addresses, a group, leftovers that a parser had to skip, a domain that is no name.
/// </summary>
internal static class AuthorField
{
    /// <summary>Far more than any honest one; below the bound at which the reader of fields cuts.</summary>
    private const int LongestField = 8 * 1024;

    public static bool TryRead(HeaderFields fields, [NotNullWhen(true)] out MailAddress? author, out string reason)
    {
        author = null;
        var all = fields.All("From").Take(2).ToList();
        reason = all switch
        {
            [] => "there is no From field",
            [_, _, ..] => "there is more than one From field",
            [var only] when only.Length > LongestField => "the From field is too long",
            _ => "",
        };
        if (reason.Length > 0)
        {
            return false;
        }

        var addresses = all[0].Addresses;
        if (addresses is not { HasDefects: false, Count: 1, GroupNames: [] })
        {
            reason = addresses.Count > 1 ? "the From field has more than one address" : "the From field is not one address";
            return false;
        }

        var domain = addresses[0].AsciiDomain;
        if (!addresses[0].IsValid || domain.StartsWith('[') || !System.Text.Ascii.IsValid(domain) || !DnsName.TryParse("_dmarc." + domain, out _))
        {
            reason = "the From field's address is invalid";
            return false;
        }

        author = addresses[0];
        return true;
    }
}
