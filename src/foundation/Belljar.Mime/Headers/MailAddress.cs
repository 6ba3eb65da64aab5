using System.Buffers;
using System.Globalization;
using Belljar.Mime.Text;

namespace Belljar.Mime.Headers;

/// <summary>A mailbox: <c>display name &lt;local@domain&gt;</c>.</summary>
/// <param name="DisplayName">Decoded; null where there is none. The sender may have written anything here.</param>
/// <param name="Address">As written, comments, folds and source routes removed. Not checked: see <see cref="IsValid"/>.</param>
/// <param name="Comment">What stood in parentheses and is not the display name; null where there was nothing.</param>
/// <param name="Group">The group (RFC 5322, 3.4) it stood in; null outside of groups.</param>
public sealed record MailAddress(string? DisplayName, string Address, string? Comment = null, string? Group = null)
{
    private static readonly SearchValues<char> QuotedCharacters = SearchValues.Create("@<>,;:\"()");
    private static readonly IdnMapping Idn = new() { UseStd3AsciiRules = true };

    /// <summary>Up to the last <c>@</c>; all of it where there is none. A quoted local part keeps its quotes.</summary>
    public string LocalPart => Address.LastIndexOf('@') is >= 0 and var at ? Address[..at] : Address;

    /// <summary>Behind the last <c>@</c>; empty where there is none.</summary>
    public string Domain => Address.LastIndexOf('@') is >= 0 and var at ? Address[(at + 1)..] : "";

    /// <summary>Whether it has the form that SMTP takes: a dot-atom or quoted local part, a domain or an address literal.</summary>
    public bool IsValid => AddressSyntax.IsValid(Address);

    /// <summary>
    /// The domain in its ASCII form (RFC 5890 A-labels), lower case; as it stands where it has none. A domain that would only
    /// become another's by mapping (full-width letters, invisible characters) has none.
    /// </summary>
    public string AsciiDomain
    {
        get
        {
            if (Ascii(Domain))
            {
                return Domain.ToLowerInvariant();
            }

            try
            {
                var ascii = Idn.GetAscii(Domain);
                return Idn.GetUnicode(ascii).Equals(Domain.Normalize(), StringComparison.OrdinalIgnoreCase) ? ascii.ToLowerInvariant() : Domain;
            }
            catch (ArgumentException)
            {
                return Domain;
            }
        }
    }

    /// <summary>
    /// For lists and prompts: the true address always stands last, in angle brackets, on one line. Controls, bidirectional
    /// marks and invisible characters are spelled out (<c>[U+202E]</c>), a domain of other scripts is shown as its A-labels,
    /// a name is cut at 64 characters, and one that could be read as an address is put in quotes.
    /// </summary>
    public string ToDisplay()
    {
        var domain = AsciiDomain;
        var address = SafeText.OneLine(Domain.Length == 0 ? Address : $"{LocalPart}@{(Ascii(domain) ? domain : SafeText.SpellOutNonAscii(domain))}", 320);
        if (DisplayName is not { Length: > 0 })
        {
            return $"<{address}>";
        }

        var name = SafeText.OneLine(DisplayName, 64);
        return name.AsSpan().ContainsAny(QuotedCharacters) ? $"\"{name.Replace('"', '\'')}\" <{address}>" : $"{name} <{address}>";
    }

    public override string ToString() => DisplayName is null ? Address : $"{DisplayName} <{Address}>";

    private static bool Ascii(string text) => System.Text.Ascii.IsValid(text);
}
