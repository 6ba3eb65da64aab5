using System.Globalization;
using System.Text;
using Belljar.Protocols.Smtp;

namespace Belljar.Mail.Routing;

/// <summary>An address in the form in which addresses are compared: case-insensitive, NFC, the domain as DNS has it.</summary>
/// <param name="LocalPart">Lower case; <c>*</c> for a whole domain.</param>
/// <param name="Domain">Lower case, A-labels.</param>
internal readonly record struct AddressPattern(string LocalPart, string Domain)
{
    public const string Everyone = "*";

    private static readonly IdnMapping Idn = new();

    public static bool TryParse(string text, out AddressPattern pattern)
    {
        ReadOnlySpan<byte> path = Encoding.UTF8.GetBytes($"<{text}>");
        var valid = SmtpPath.TryParse(ref path, out var address) && path.IsEmpty && address is { IsAddressLiteral: false, Domain: not "" };
        pattern = valid ? Of(address!) : default;
        return valid;
    }

    public static AddressPattern Of(SmtpAddress address) => new(Fold(address.LocalPart), Normal(address.Domain));

    /// <summary>The domain's A-labels; one that IDNA does not know is compared as it is written.</summary>
    public static string Normal(string domain)
    {
        try
        {
            return Ascii.IsValid(domain) ? domain.ToLowerInvariant() : Idn.GetAscii(domain).ToLowerInvariant();
        }
        catch (ArgumentException)
        {
            return domain.ToLowerInvariant();
        }
    }

    /// <summary>The path was valid UTF-8, so there is no half surrogate pair that normalising would refuse; U+FFFE, a non-character, it would.</summary>
    private static string Fold(string localPart) => localPart.Replace('\uFFFE', '\uFFFD').Normalize(NormalizationForm.FormC).ToLowerInvariant();
}
